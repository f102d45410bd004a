-- The data stores that the Internet reaches in the generated organization, by hand: of the table of what carries access the
-- rows that its kinds of relationship meet. Keys alone, without the ways there.
WITH RECURSIVE flow (verb, from_type, to_type, is_reversed, have, gives, needs, unless_private) AS (
  VALUES ('ALLOWS', 'internet', 'aws_security_group', false, 'outside', 'outside', '{ingress}'::text[], false),
    ('PROTECTS', 'aws_security_group', 'aws_alb', false, 'outside', 'outside', NULL, true),
    ('PROTECTS', 'aws_security_group', 'aws_instance', false, 'outside', 'control', NULL, true),
    ('PROTECTS', 'aws_security_group', 'aws_db_instance', false, 'outside', 'data', NULL, true),
    ('PROTECTS', 'aws_security_group', 'aws_eni', false, 'outside', 'outside', NULL, true),
    ('USES', 'aws_instance', 'aws_eni', true, 'outside', 'control', NULL, false),
    ('CONNECTS', 'aws_alb', 'aws_lb_target_group', false, 'outside', 'outside', NULL, false),
    ('HAS', 'aws_lb_target_group', 'aws_instance', false, 'outside', 'control', NULL, false),
    ('USES', 'aws_instance', 'aws_iam_role', false, 'control', 'control', NULL, false),
    ('USES', 'aws_instance', 'aws_ebs_volume', false, 'control', 'data', NULL, false),
    ('HAS', 'aws_lambda_function', 'aws_iam_role', false, 'control', 'control', NULL, false),
    ('HAS', 'aws_iam_role', 'aws_iam_role_policy', false, 'control', 'control', NULL, false),
    ('HAS', 'aws_iam_role', 'aws_iam_policy', false, 'control', 'control', NULL, false),
    ('ALLOWS', 'aws_iam_role_policy', 'aws_s3_bucket', false, 'control', 'data', '{read,update,create,delete,invoke,admin}', false),
    ('ALLOWS', 'aws_iam_role_policy', 'aws_dynamodb_table', false, 'control', 'data', '{read,update,create,delete,invoke,admin}', false),
    ('ALLOWS', 'aws_iam_role_policy', 'aws_sqs_queue', false, 'control', 'data', '{read,update,create,delete,invoke,admin}', false),
    ('ALLOWS', 'aws_iam_policy', 'aws_s3', false, 'control', 'data', '{read,update,create,delete,invoke,admin}', false),
    ('ALLOWS', 'aws_iam_policy', 'aws_s3_bucket', false, 'control', 'data', '{read,update,create,delete,invoke,admin}', false),
    ('ALLOWS', 'aws_iam_policy', 'aws_kms_key', false, 'control', 'data', '{read,update,create,delete,invoke,admin}', false),
    ('HAS', 'aws_s3', 'aws_s3_bucket', false, 'data', 'data', NULL, false)
), step AS MATERIALIZED (
  SELECT t.rel_type, f.* FROM flow AS f JOIN orgraph_internal.relationship_type AS t USING (verb, from_type, to_type)
), reached (id, type, access) AS (
  SELECT e.id, e.type, 'outside' FROM orgraph_internal.entity AS e WHERE e.type = 'internet'
  UNION
  SELECT e.id, e.type, 'data' FROM orgraph_internal.entity AS e
  WHERE e.type IN ('aws_s3_bucket', 'aws_ebs_snapshot', 'aws_sqs_queue') AND e.properties -> 'public' = 'true'
  UNION
  SELECT o.id, o.type, o.access
  FROM reached AS h
  CROSS JOIN LATERAL (
    SELECT r.to_id AS id, f.to_type AS type, f.gives AS access, f.unless_private
    FROM step AS f
    JOIN orgraph_internal.relationship AS r ON r.rel_type = f.rel_type AND r.from_id = h.id
    WHERE NOT f.is_reversed AND f.from_type = h.type AND f.have = h.access
      AND (f.needs IS NULL OR EXISTS (SELECT FROM unnest(f.needs) AS n WHERE r.properties -> n = 'true'))
    UNION ALL
    SELECT r.from_id, f.from_type, f.gives, f.unless_private
    FROM step AS f
    JOIN orgraph_internal.relationship AS r ON r.rel_type = f.rel_type AND r.to_id = h.id
    WHERE f.is_reversed AND f.to_type = h.type AND f.have = h.access
  ) AS o
  WHERE NOT o.unless_private
    OR coalesce((SELECT e.properties -> 'public' FROM orgraph_internal.entity AS e WHERE e.id = o.id) <> 'false', true)
)
SELECT DISTINCT e.key
FROM reached AS r
JOIN orgraph_internal.entity AS e ON e.id = r.id
WHERE r.access IN ('data', 'control') AND 'DataStore' = ANY(e.class)
