-- read_accounts_to_close
SELECT a.account_id
FROM orgraph_internal.account AS a
WHERE a.state = 'left' AND a.left_at <= $1 AND a.closed_at IS NULL
ORDER BY a.left_at, a.account_id
