-- The second wall between tenants: what is asked for a tenant is asked as a role that sees the rows of the tenant alone, whatever the
-- statement says. The service itself (workers, reconciliation, logins) asks as the owner of the tables, whom no policy binds.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshgen_tenant') THEN
        CREATE ROLE meshgen_tenant NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- another database of the server made it this moment
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role meshgen_tenant is missing, and % may not make it', current_user
            USING HINT = format('As an administrator: CREATE ROLE meshgen_tenant NOLOGIN; GRANT meshgen_tenant TO %I;', current_user);
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
DECLARE
    owned text;
BEGIN
    BEGIN
        SET LOCAL ROLE meshgen_tenant;
        RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
        GRANT meshgen_tenant TO CURRENT_USER;
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO meshgen_tenant', current_schema());
    FOREACH owned IN ARRAY ARRAY['projects', 'uploads', 'geometries', 'meshes', 'jobs', 'artifacts', 'batches', 'idempotency_keys',
            'api_keys', 'sessions', 'kept_parts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY of_tenant ON %I TO meshgen_tenant USING (tenant_id = current_setting(''meshgen.tenant'', true))', owned);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO meshgen_tenant', owned);
    END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON tenants TO meshgen_tenant USING (id = current_setting('meshgen.tenant', true));
GRANT SELECT ON tenants TO meshgen_tenant;

ALTER TABLE batch_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON batch_items TO meshgen_tenant USING (EXISTS (SELECT FROM batches b WHERE b.id = batch_id)); -- of those that are seen
GRANT SELECT, INSERT, UPDATE, DELETE ON batch_items TO meshgen_tenant;

-- What is to be swept knows its tenant by its prefix (see internal/blob).
ALTER TABLE garbage ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON garbage TO meshgen_tenant USING (starts_with(prefix, 't/' || current_setting('meshgen.tenant', true) || '/'));
GRANT SELECT, INSERT, UPDATE, DELETE ON garbage TO meshgen_tenant;

GRANT SELECT ON engine_versions TO meshgen_tenant;

-- How many meshes wait is the one thing that a tenant may know of all.
-- +goose StatementBegin
CREATE FUNCTION meshes_waiting(tenant text, of_class text) RETURNS TABLE (waiting bigint, of_tenant bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN QUERY SELECT count(*), count(*) FILTER (WHERE j.tenant_id = tenant)
        FROM jobs j WHERE j.status = 'queued' AND j.kind = 'mesh' AND j.follows = '' AND j.class = of_class;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN -- a definer's function must not be led to tables of somebody else
    EXECUTE format('ALTER FUNCTION meshes_waiting SET search_path = %I, pg_temp', current_schema());
END $$;
-- +goose StatementEnd
