-- The planner takes the kind of a relationship and the entity at its end for independent of each other. Where very many
-- meet, such as at the Internet or at a service of an account, nearly all are of one kind: it expects four where there are
-- four thousand. So it counts pairs at the ends that have most.

CREATE STATISTICS orgraph_internal.relationship_from (mcv) ON from_id, rel_type FROM orgraph_internal.relationship;
CREATE STATISTICS orgraph_internal.relationship_to (mcv) ON to_id, rel_type FROM orgraph_internal.relationship;
ANALYZE orgraph_internal.relationship;
