-- begin_writing
WITH clock AS MATERIALIZED (
  SELECT greatest(clock_timestamp(), $2::timestamptz) AS ts
)
SELECT
  c.ts,
  set_config('orgraph.partition_id', $1::int::text, true),
  set_config('orgraph.ts', c.ts::text, true),
  set_config('orgraph.reason', $3::text, true)
FROM clock AS c
