-- Webhooks: when a mesh ends whose request named an address, what is to be told is written down in the same commit, whoever ended it.

-- +goose Up
ALTER TABLE jobs ADD COLUMN webhook_url text NOT NULL DEFAULT ''; -- of a mesh: whom to tell of its end

CREATE TABLE webhook_deliveries (
    id          text PRIMARY KEY,                  -- the receiver sees it as webhook-id, the same in each attempt
    tenant_id   text NOT NULL REFERENCES tenants,
    mesh_id     text NOT NULL,
    url         text NOT NULL,
    payload     text NOT NULL,                     -- JSON, as it is signed
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    attempts    int NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL DEFAULT now(),
    answer      text NOT NULL DEFAULT '',          -- to the last attempt: a status, or what went wrong
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_of_tenant ON webhook_deliveries (tenant_id, id);
CREATE INDEX webhook_deliveries_to_sweep ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON webhook_deliveries TO meshgen_tenant USING (tenant_id = current_setting('meshgen.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO meshgen_tenant;

-- +goose StatementBegin
CREATE FUNCTION tell_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, url, payload) VALUES (
        'whk' || substr(NEW.id, 4), NEW.tenant_id, NEW.mesh_id, NEW.webhook_url, jsonb_build_object(
            'type', 'mesh.' || NEW.status,
            'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'data', jsonb_build_object('mesh_id', NEW.mesh_id, 'geometry_id', NEW.geometry_id, 'status', NEW.status, 'error', NEW.error)
        )::text)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER jobs_tell_of_end_at_once AFTER INSERT ON jobs
    FOR EACH ROW WHEN (NEW.webhook_url <> '' AND NEW.status IN ('succeeded', 'failed', 'canceled')) EXECUTE FUNCTION tell_of_end();
CREATE TRIGGER jobs_tell_of_end AFTER UPDATE OF status ON jobs
    FOR EACH ROW WHEN (NEW.webhook_url <> '' AND NEW.status IN ('succeeded', 'failed', 'canceled') AND OLD.status <> NEW.status) EXECUTE FUNCTION tell_of_end();
