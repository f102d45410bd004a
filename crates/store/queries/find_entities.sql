-- find_entities
SELECT e.key, e.type, e.account_id, e.region, e.name, e.display_name, e.placeholder, e.properties, e.tags
FROM orgraph_internal.entity AS e
WHERE e.type = $1
  AND (
    $3::text[] IS NULL
    OR lower(e.properties ->> $2) IN (SELECT unnest($3))
    OR EXISTS (
      SELECT 1
      FROM jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(e.properties -> $2) = 'array' THEN e.properties -> $2 ELSE '[]' END
      ) AS a(element)
      WHERE lower(a.element) IN (SELECT unnest($3))
    )
  )
ORDER BY e.key
