-- Arms with conditions are planned by themselves, and then a condition on near_id of the second reaches no index. So a
-- relationship that leads back to where it begins now has two rows like any other; who wants one asks for `forward`.

CREATE OR REPLACE VIEW orgraph.step AS
SELECT
  r.from_id AS near_id, r.to_id AS far_id, true AS forward, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from
FROM orgraph_internal.relationship AS r
UNION ALL
SELECT
  r.to_id, r.from_id, false, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from
FROM orgraph_internal.relationship AS r;
COMMENT ON VIEW orgraph.step IS 'Every relationship as seen from each of its ends: two rows each';

CREATE OR REPLACE VIEW orgraph_internal.step_version AS
SELECT
  r.from_id AS near_id, r.to_id AS far_id, true AS forward, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from, 'infinity'::timestamptz AS valid_to
FROM orgraph_internal.relationship AS r
UNION ALL
SELECT
  r.to_id, r.from_id, false, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from, 'infinity'::timestamptz
FROM orgraph_internal.relationship AS r
UNION ALL
SELECT
  h.from_id, h.to_id, true, h.rel_type, h.discriminator, h.from_id, h.to_id,
  h.from_key, h.to_key, h.properties, h.first_seen, h.valid_from, h.valid_to
FROM orgraph_internal.relationship_history AS h
UNION ALL
SELECT
  h.to_id, h.from_id, false, h.rel_type, h.discriminator, h.from_id, h.to_id,
  h.from_key, h.to_key, h.properties, h.first_seen, h.valid_from, h.valid_to
FROM orgraph_internal.relationship_history AS h;
