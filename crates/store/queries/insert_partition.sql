-- insert_partition
INSERT INTO orgraph_internal.partition (account_id, region, collector)
VALUES ($1, $2, $3)
ON CONFLICT (account_id, region, collector) DO NOTHING
