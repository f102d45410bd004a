-- A relationship followed in one direction is one table to the planner, with statistics. As a part of orgraph.step it is
-- one of two tables in one, for which it guesses.

CREATE VIEW orgraph.step_forward AS
SELECT
  r.from_id AS near_id, r.to_id AS far_id, true AS forward, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from
FROM orgraph_internal.relationship AS r;
COMMENT ON VIEW orgraph.step_forward IS 'Every relationship as seen from where it begins: the rows of orgraph.step with forward';

CREATE VIEW orgraph.step_backward AS
SELECT
  r.to_id AS near_id, r.from_id AS far_id, false AS forward, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from
FROM orgraph_internal.relationship AS r;
COMMENT ON VIEW orgraph.step_backward IS 'Every relationship as seen from where it leads to: the rows of orgraph.step without forward';

GRANT SELECT ON orgraph.step_forward, orgraph.step_backward TO orgraph_reader, orgraph_writer;
