-- prepare_database
-- What migrations need and cannot make: roles, which belong to the cluster, and the two schemas. Does nothing when
-- everything is there. Several databases of one cluster may do this at the same time.
DO $$
DECLARE
  role_name   text;
  schema_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['orgraph_owner', 'orgraph_writer', 'orgraph_reader'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles AS r WHERE r.rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
  -- Membership is not enough from PostgreSQL 16 on, so try what is needed.
  FOREACH role_name IN ARRAY ARRAY['orgraph_owner', 'orgraph_writer'] LOOP
    BEGIN
      EXECUTE format('SET LOCAL ROLE %I', role_name);
      RESET ROLE;
    EXCEPTION
      WHEN insufficient_privilege THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
    END;
  END LOOP;
  -- Questions are asked as the reader. Without it everything else works, so nothing fails here.
  BEGIN
    EXECUTE 'SET LOCAL ROLE orgraph_reader';
    RESET ROLE;
  EXCEPTION
    WHEN insufficient_privilege THEN
      BEGIN
        EXECUTE 'GRANT orgraph_reader TO CURRENT_USER';
      EXCEPTION
        WHEN insufficient_privilege THEN NULL;
      END;
  END;
  FOREACH schema_name IN ARRAY ARRAY['orgraph', 'orgraph_internal'] LOOP
    IF to_regnamespace(schema_name) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE SCHEMA %I AUTHORIZATION orgraph_owner', schema_name);
      EXCEPTION
        WHEN duplicate_schema OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
END $$;
