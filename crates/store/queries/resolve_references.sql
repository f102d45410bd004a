-- resolve_references
WITH wanted AS (
  SELECT
    r.from_key, r.from_type, r.verb, r.to_type, r.property, r.value, r.reversed, r.any_region, r.properties,
    r.content_hash,
    -- What is listed for the whole account, such as a bucket, still lives in a region of its own.
    CASE WHEN p.region = 'global' THEN coalesce(k.region, p.region) ELSE p.region END AS region
  FROM orgraph_internal.reference AS r
  JOIN orgraph_internal.partition AS p ON p.partition_id = r.partition_id
  LEFT JOIN orgraph_internal.entity AS k ON k.id = r.from_id
  WHERE p.account_id = $1
),
candidate AS MATERIALIZED (
  -- One row per value, so that the join below can hash instead of comparing every reference with every entity.
  SELECT k.to_type, k.property, v.value, e.region, e.key
  FROM (SELECT DISTINCT w.to_type, w.property FROM wanted AS w) AS k
  JOIN orgraph_internal.entity AS e ON e.type = k.to_type AND e.account_id = $1
  CROSS JOIN LATERAL (
    SELECT CASE k.property
      WHEN 'name' THEN coalesce(e.properties -> 'name', to_jsonb(e.name))
      WHEN 'displayName' THEN coalesce(e.properties -> 'displayName', to_jsonb(e.display_name))
      ELSE coalesce(
        e.properties -> k.property,
        -- Several properties that have to match together.
        (
          SELECT to_jsonb(string_agg(e.properties ->> p.name, '+' ORDER BY p.place))
          FROM string_to_table(k.property, '+') WITH ORDINALITY AS p(name, place)
        )
      )
    END AS found
  ) AS f
  CROSS JOIN LATERAL (
    SELECT f.found #>> '{}' AS value
    WHERE jsonb_typeof(f.found) IN ('string', 'number', 'boolean')
    UNION
    SELECT a.element
    FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(f.found) = 'array' THEN f.found ELSE '[]' END) AS a(element)
    WHERE a.element IS NOT NULL
  ) AS v
)
SELECT w.from_key, w.from_type, w.verb, w.to_type, c.key AS found_key, w.reversed, w.properties
FROM wanted AS w
JOIN candidate AS c ON c.to_type = w.to_type AND c.property = w.property AND c.value = w.value
WHERE w.any_region OR c.region = w.region
ORDER BY w.content_hash, c.key
