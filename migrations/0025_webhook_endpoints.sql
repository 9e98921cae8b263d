-- Endpoints: addresses of a tenant that are told of everything of some kinds, beside those that requests name.

-- +goose Up
CREATE TABLE webhook_endpoints (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL REFERENCES tenants,
    url        text NOT NULL,
    events     text[] NOT NULL,                    -- types of news
    paused     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_endpoints_of_tenant ON webhook_endpoints (tenant_id, id);
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON webhook_endpoints TO meshgen_tenant USING (tenant_id = current_setting('meshgen.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints TO meshgen_tenant;

ALTER TABLE webhook_deliveries ADD COLUMN endpoint_id text NOT NULL DEFAULT ''; -- that is told; of what a request named, ''
CREATE UNIQUE INDEX webhook_deliveries_one_a_mesh_and_endpoint ON webhook_deliveries (mesh_id, endpoint_id) WHERE mesh_id <> '';
DROP INDEX webhook_deliveries_one_a_mesh;
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id) WHERE endpoint_id <> '' AND status = 'pending';

-- Any batch may be told of from now on: those of before that name no address are not.
UPDATE batches SET webhook_told = true WHERE webhook_url = '';
DROP INDEX batches_to_tell;
CREATE INDEX batches_to_tell ON batches (id) WHERE NOT webhook_told;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tell_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    happened timestamptz := coalesce(NEW.finished_at, now());
BEGIN
    INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, endpoint_id, url, created_at, payload)
    SELECT delivery_id(happened), NEW.tenant_id, NEW.mesh_id, told.id, told.url, happened, jsonb_build_object(
            'type', 'mesh.' || NEW.status,
            'timestamp', to_char(happened AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'data', jsonb_build_object('mesh_id', NEW.mesh_id, 'geometry_id', NEW.geometry_id, 'status', NEW.status, 'error', NEW.error)
        )::text
    FROM (
        SELECT '' AS id, NEW.webhook_url AS url WHERE NEW.webhook_url <> ''
        UNION ALL
        SELECT e.id, e.url FROM webhook_endpoints e WHERE e.tenant_id = NEW.tenant_id AND NOT e.paused AND 'mesh.' || NEW.status = ANY(e.events)
    ) told
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER jobs_tell_of_end_at_once ON jobs;
DROP TRIGGER jobs_tell_of_end ON jobs;
CREATE TRIGGER jobs_tell_of_end_at_once AFTER INSERT ON jobs
    FOR EACH ROW WHEN (NEW.kind = 'mesh' AND NEW.status IN ('succeeded', 'failed', 'canceled')) EXECUTE FUNCTION tell_of_end();
CREATE TRIGGER jobs_tell_of_end AFTER UPDATE OF status ON jobs
    FOR EACH ROW WHEN (NEW.kind = 'mesh' AND NEW.status IN ('succeeded', 'failed', 'canceled') AND OLD.status <> NEW.status) EXECUTE FUNCTION tell_of_end();
