-- A graph of a million entities and three and a half million relationships in 300 accounts, for measuring questions.
-- As the superuser, into an empty migrated database.

CREATE FUNCTION pg_temp.key(type text, number bigint) RETURNS text IMMUTABLE LANGUAGE sql
RETURN CASE WHEN type = 'internet' THEN 'global:internet' ELSE type || ':' || number END;

SET ROLE orgraph_owner;
SET synchronous_commit = off;

CREATE TEMP TABLE kind (type text, class text[], count int, properties text);
INSERT INTO kind VALUES
  ('aws_account', '{Account}', 300, '{}'),
  ('aws_ec2', '{Service}', 300, '{}'), ('aws_iam', '{Service}', 300, '{}'), ('aws_s3', '{Service}', 300, '{}'),
  ('internet', '{Internet,Network}', 1, '{}'),
  ('aws_vpc', '{Network}', 3000, '{}'), ('aws_subnet', '{Network}', 12000, '{}'),
  ('aws_instance', '{Host}', 100000, '{}'), ('aws_eni', '{NetworkInterface}', 150000, '{}'),
  ('aws_ebs_volume', '{DataStore,Disk}', 150000, '{}'), ('aws_security_group', '{Firewall}', 60000, '{}'),
  ('aws_s3_bucket', '{DataStore}', 40000, '{}'), ('aws_iam_role', '{AccessRole}', 60000, '{}'),
  ('aws_iam_policy', '{AccessPolicy}', 80000, '{}'), ('aws_lambda_function', '{Function}', 60000, '{}'),
  ('aws_cloudwatch_log_group', '{Logs}', 100000, '{}'), ('aws_cloudwatch_metric_alarm', '{Monitor}', 183799, '{}');

INSERT INTO orgraph_internal.entity (id, placeholder, type, class, account_id, region, key, name, display_name, content_hash,
  first_seen, valid_from, properties, tags)
SELECT orgraph.entity_id(pg_temp.key(k.type, i)), k.type = 'internet', k.type, k.class, lpad((i % 300)::text, 12, '0'), 'eu-west-1',
  pg_temp.key(k.type, i), k.type || '-' || i, k.type || '-' || i, md5(k.type || i)::uuid, now() - (i % 900) * interval '1 day',
  now() - (i % 300) * interval '1 day',
  jsonb_build_object('accountId', lpad((i % 300)::text, 12, '0'), 'region', 'eu-west-1', 'active', i % 7 <> 0, 'public', i % 50 = 0,
    'encrypted', i % 3 <> 0, 'state', (ARRAY['running','stopped','terminated'])[1 + i % 3], 'size', i % 500,
    'createdOn', 1600000000000 + i::bigint * 1000, 'arn', 'arn:aws:x:eu-west-1:' || k.type || '/' || i,
    'description', repeat(md5(i::text), 8)),
  jsonb_build_object('AccountName', 'account-' || i % 300, 'Owner', 'team-' || i % 40)
FROM kind AS k, generate_series(0, k.count - 1) AS i;

CREATE TEMP TABLE edge (from_type text, verb text, to_type text, a bigint, b bigint, discriminator text DEFAULT '', properties jsonb);
INSERT INTO edge
  SELECT 'aws_account', 'HAS', s, i, i FROM generate_series(0, 299) AS i, unnest('{aws_ec2,aws_iam,aws_s3}'::text[]) AS s;
INSERT INTO edge SELECT 'aws_ec2', 'HAS', k.type, i % 300, i FROM kind AS k, generate_series(0, k.count - 1) AS i
  WHERE k.type IN ('aws_vpc','aws_subnet','aws_instance','aws_eni','aws_ebs_volume','aws_security_group','aws_lambda_function',
    'aws_cloudwatch_log_group','aws_cloudwatch_metric_alarm');
INSERT INTO edge SELECT 'aws_iam', 'HAS', k.type, i % 300, i FROM kind AS k, generate_series(0, k.count - 1) AS i
  WHERE k.type IN ('aws_iam_role','aws_iam_policy');
INSERT INTO edge SELECT 'aws_s3', 'HAS', 'aws_s3_bucket', i % 300, i FROM generate_series(0, 39999) AS i;
INSERT INTO edge SELECT 'aws_vpc', 'CONTAINS', 'aws_subnet', i % 3000, i FROM generate_series(0, 11999) AS i;
INSERT INTO edge SELECT 'aws_subnet', 'HAS', 'aws_instance', i % 12000, i FROM generate_series(0, 99999) AS i;
INSERT INTO edge SELECT 'aws_instance', 'USES', 'aws_eni', i % 100000, i FROM generate_series(0, 149999) AS i;
INSERT INTO edge SELECT 'aws_instance', 'USES', 'aws_ebs_volume', i % 100000, i FROM generate_series(0, 149999) AS i;
INSERT INTO edge SELECT 'aws_instance', 'USES', 'aws_iam_role', i, i * 7 % 60000 FROM generate_series(0, 49999) AS i;
INSERT INTO edge SELECT 'aws_lambda_function', 'HAS', 'aws_iam_role', i, i * 11 % 60000 FROM generate_series(0, 59999) AS i;
INSERT INTO edge SELECT 'aws_security_group', 'PROTECTS', 'aws_instance', i * 13 % 60000, i % 100000 FROM generate_series(0, 199999) AS i;
INSERT INTO edge SELECT 'aws_security_group', 'PROTECTS', 'aws_eni', i * 13 % 60000, i % 150000 FROM generate_series(0, 299999) AS i;
INSERT INTO edge SELECT 'internet', 'ALLOWS', 'aws_security_group', 0, i * 20, 'ingress',
  '{"ingress": true, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}' FROM generate_series(0, 2999) AS i;
INSERT INTO edge SELECT 'aws_security_group', 'ALLOWS', 'internet', i, 0, 'egress',
  '{"egress": true, "ipProtocol": "*", "fromPort": 0, "toPort": 65535}' FROM generate_series(0, 59999) AS i;
INSERT INTO edge SELECT 'aws_iam_role', 'HAS', 'aws_iam_policy', i % 60000, (i * 17) % 80000 FROM generate_series(0, 119999) AS i;
INSERT INTO edge SELECT 'aws_iam_policy', 'ALLOWS', 'aws_s3_bucket', i % 80000, (i * 23 + i / 80000) % 40000, '',
  '{"read": true, "admin": false, "actions": ["s3:GetObject"]}' FROM generate_series(0, 239999) AS i;
INSERT INTO edge SELECT 'aws_cloudwatch_metric_alarm', 'MONITORS', 'aws_instance', i % 183799, (i * 3) % 100000 FROM generate_series(0, 599999) AS i;
INSERT INTO edge SELECT 'aws_iam_policy', 'ALLOWS', 'aws_lambda_function', i % 80000, (i * 29 + i / 240000) % 60000 FROM generate_series(0, 449999) AS i;

INSERT INTO orgraph_internal.relationship_type (from_type, verb, to_type, name)
SELECT DISTINCT e.from_type, e.verb, e.to_type, e.from_type || '_' || lower(e.verb) || '_' || regexp_replace(e.to_type, '^aws_', '')
FROM edge AS e;
-- Indexes are faster made than kept.
ALTER TABLE orgraph_internal.relationship DROP CONSTRAINT relationship_pkey;
DROP INDEX orgraph_internal.relationship_in, orgraph_internal.relationship_partition, orgraph_internal.relationship_first_seen;
INSERT INTO orgraph_internal.relationship (from_id, to_id, rel_type, partition_id, content_hash, first_seen, valid_from,
  discriminator, from_key, to_key, properties)
SELECT orgraph.entity_id(pg_temp.key(e.from_type, e.a)), orgraph.entity_id(pg_temp.key(e.to_type, e.b)), t.rel_type, 1,
  md5(e.a::text || e.b)::uuid, now(), now(), e.discriminator, pg_temp.key(e.from_type, e.a), pg_temp.key(e.to_type, e.b), e.properties
FROM (SELECT DISTINCT ON (e.from_type, e.verb, e.to_type, e.a, e.b) e.* FROM edge AS e) AS e
JOIN orgraph_internal.relationship_type AS t ON t.from_type = e.from_type AND t.verb = e.verb AND t.to_type = e.to_type;
ALTER TABLE orgraph_internal.relationship ADD PRIMARY KEY (from_id, rel_type, to_id, discriminator);
CREATE INDEX relationship_in ON orgraph_internal.relationship (to_id, rel_type, from_id);
CREATE INDEX relationship_partition ON orgraph_internal.relationship (partition_id);
CREATE INDEX relationship_first_seen ON orgraph_internal.relationship USING brin (first_seen);
ANALYZE orgraph_internal.entity, orgraph_internal.relationship, orgraph_internal.relationship_type;
