-- Who may do what. Nothing is granted to PUBLIC; the writer cannot write history, nor drop or empty anything.

REVOKE ALL ON SCHEMA orgraph, orgraph_internal FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA orgraph_internal FROM PUBLIC;

GRANT USAGE ON SCHEMA orgraph TO orgraph_reader, orgraph_writer;
GRANT SELECT ON orgraph.entity, orgraph.relationship, orgraph.coverage, orgraph.account, orgraph.gap
  TO orgraph_reader, orgraph_writer;

-- The functions of the surface are inlined and so read these views as the caller. Without USAGE on their schema the
-- reader cannot name them.
GRANT SELECT ON
  orgraph_internal.entity_version, orgraph_internal.relationship_version, orgraph_internal.entity_lifetime,
  orgraph_internal.entity_state, orgraph_internal.relationship_state
  TO orgraph_reader, orgraph_writer;
GRANT SELECT ON orgraph_internal.relationship_type TO orgraph_reader;

GRANT USAGE ON SCHEMA orgraph_internal TO orgraph_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  orgraph_internal.account, orgraph_internal.discovery, orgraph_internal.account_lease,
  orgraph_internal.partition, orgraph_internal.hold, orgraph_internal.gap,
  orgraph_internal.entity, orgraph_internal.relationship, orgraph_internal.reference,
  orgraph_internal.contribution, orgraph_internal.shared_entity
  TO orgraph_writer;
GRANT SELECT, INSERT ON orgraph_internal.relationship_type TO orgraph_writer;
GRANT SELECT ON
  orgraph_internal.entity_history, orgraph_internal.entity_history_default,
  orgraph_internal.relationship_history, orgraph_internal.relationship_history_default,
  orgraph_internal.type_view, orgraph_internal._sqlx_migrations
  TO orgraph_writer;
GRANT EXECUTE ON FUNCTION
  orgraph_internal.ensure_history_partitions(timestamptz), orgraph_internal.drop_history(timestamptz)
  TO orgraph_writer;

SELECT orgraph_internal.ensure_history_partitions(clock_timestamp());
