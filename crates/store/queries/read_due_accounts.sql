-- read_due_accounts
-- The same rule as orgraph_plan::due, where the rows are.
WITH waiting AS (
  SELECT
    a.account_id,
    least(
      a.requested_at,
      CASE WHEN a.next_due_at <= $1 AND coalesce(a.cool_down_until, '-infinity') <= $1 THEN a.next_due_at END
    ) AS since
  FROM orgraph_internal.account AS a
  -- The management account lists the organization, whether or not it is read itself.
  WHERE (a.state IN ('pending', 'initializing', 'active', 'degraded', 'failing') OR a.management AND a.state = 'excluded')
    AND NOT EXISTS (
      SELECT 1 FROM orgraph_internal.account_lease AS l
      WHERE l.account_id = a.account_id AND l.expires_at > clock_timestamp()
    )
)
SELECT w.account_id
FROM waiting AS w
WHERE w.since IS NOT NULL
ORDER BY w.since, w.account_id
LIMIT $2
