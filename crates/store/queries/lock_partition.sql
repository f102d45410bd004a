-- lock_partition
SELECT
  p.partition_id,
  p.seq,
  p.digest,
  p.gaps_digest,
  p.last_started_at,
  p.last_written_at,
  p.is_held,
  clock_timestamp() AS now
FROM orgraph_internal.partition AS p
WHERE p.account_id = $1 AND p.region = $2 AND p.collector = $3
FOR NO KEY UPDATE OF p
