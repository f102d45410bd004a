-- read_oldest_due
SELECT min(least(
  a.requested_at,
  CASE
    WHEN a.next_due_at <= clock_timestamp() AND coalesce(a.cool_down_until, '-infinity') <= clock_timestamp()
    THEN greatest(a.next_due_at, a.first_seen)
  END
))
FROM orgraph_internal.account AS a
LEFT JOIN orgraph_internal.account_lease AS l ON l.account_id = a.account_id AND l.expires_at > clock_timestamp()
WHERE a.state IN ('pending', 'initializing', 'active', 'degraded', 'failing') AND l.account_id IS NULL
