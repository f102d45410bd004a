-- A question about the whole organization follows all relationships of a kind. Read one after the other from an index
-- that begins with the kind they cost a twentieth of what looking up each by its end does. It takes 56 bytes a
-- relationship. Making it takes about two seconds for a million relationships.

CREATE INDEX relationship_kind ON orgraph_internal.relationship (rel_type, from_id, to_id);
