-- Questions to the graph, for `make demo`. Each is one statement of plain SQL.
\set QUIET on
\pset border 2
\pset null '-'

\echo
\echo '== What is in the graph?'
SELECT _type, count(*) AS entities, count(DISTINCT account_id) AS accounts
FROM orgraph.entity
GROUP BY _type
ORDER BY entities DESC, _type
LIMIT 15;

\echo
\echo '== Which instances are open to the internet, and which role do they have?'
SELECT account.name AS account, instance.region, instance.name AS instance, security_group.name AS open_group, role.name AS role
FROM orgraph.entity AS instance
JOIN orgraph.account AS account ON account.account_id = instance.account_id
JOIN orgraph.relationship AS protects ON protects.to_key = instance._key AND protects._class = 'PROTECTS'
JOIN orgraph.entity AS security_group ON security_group._key = protects.from_key
LEFT JOIN orgraph.relationship AS uses ON uses.from_key = instance._key AND uses.to_type = 'aws_iam_role'
LEFT JOIN orgraph.entity AS role ON role._key = uses.to_key
WHERE instance._type = 'aws_instance'
    AND security_group._type = 'aws_security_group'
    AND (security_group.properties ->> 'public')::boolean
ORDER BY account, region, instance
LIMIT 10;

\echo
\echo '== Which buckets can everybody read?'
SELECT account.name AS account, bucket.name AS bucket, bucket.region, bucket.tags ->> 'Classification' AS classification
FROM orgraph.entity AS bucket
JOIN orgraph.account AS account ON account.account_id = bucket.account_id
WHERE bucket._type = 'aws_s3_bucket' AND (bucket.properties ->> 'public')::boolean
ORDER BY account, bucket
LIMIT 10;

\echo
\echo '== What can somebody reach who has the internet-facing group of the first account? (three steps)'
WITH RECURSIVE reached AS (
    SELECT _key, 0 AS steps
    FROM (
        SELECT _key
        FROM orgraph.entity
        WHERE _type = 'aws_security_group' AND name = 'web'
        ORDER BY account_id, region
        LIMIT 1
    ) AS start
    UNION
    SELECT relationship.to_key, reached.steps + 1
    FROM reached
    JOIN orgraph.relationship AS relationship ON relationship.from_key = reached._key
    WHERE reached.steps < 3 AND NOT relationship.dangling
)
SELECT entity._type, count(DISTINCT entity._key) AS entities, min(reached.steps) AS steps
FROM reached
JOIN orgraph.entity AS entity ON entity._key = reached._key
GROUP BY entity._type
ORDER BY steps, entity._type;

\echo
\echo '== What could not be collected, and why?'
SELECT account.name AS account, coverage.region, coverage.collector, coverage.status, left(coverage.reason, 60) AS reason
FROM orgraph.coverage AS coverage
JOIN orgraph.account AS account ON account.account_id = coverage.account_id
WHERE coverage.status <> 'complete'
ORDER BY account, coverage.region, coverage.collector
LIMIT 10;

\echo
\echo '== How complete is each account?'
SELECT account.name AS account, coverage.status, count(*) AS partitions, sum(coverage.entities) AS entities, sum(coverage.calls) AS calls
FROM orgraph.coverage AS coverage
JOIN orgraph.account AS account ON account.account_id = coverage.account_id
GROUP BY account.name, coverage.status
ORDER BY account, coverage.status;
