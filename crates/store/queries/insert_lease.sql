-- insert_lease
INSERT INTO orgraph_internal.account_lease (account_id, epoch, token, holder, claimed_at, expires_at)
VALUES ($1, 0, gen_random_uuid(), '', clock_timestamp(), '-infinity')
ON CONFLICT (account_id) DO NOTHING
