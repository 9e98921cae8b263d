-- Endpoints: addresses of a tenant that are told of everything of some kinds, beside those that requests name.

-- +goose Up
-- The service goes on while this runs, and takes locks in more than one order: all that are needed here are taken at once or not at all,
-- and whoever waits is this, for all four in less time than it takes Postgres to look for a deadlock (deadlock_timeout, 1 s).
-- +goose StatementBegin
DO $$
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    FOR try IN 1..120 LOOP
        BEGIN
            LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE;
            LOCK TABLE batches IN ACCESS EXCLUSIVE MODE;
            LOCK TABLE webhook_deliveries IN ACCESS EXCLUSIVE MODE;
            LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.2 + random() * 0.3); -- what was locked is free meanwhile
        END;
    END LOOP;
    RAISE EXCEPTION 'jobs, batches and webhook_deliveries are too busy to be changed: end what holds them (pg_stat_activity), or migrate again later';
END $$;
-- +goose StatementEnd

CREATE TABLE webhook_endpoints (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL REFERENCES tenants,
    url        text NOT NULL,
    events     text[] NOT NULL,                    -- types of news
    paused     boolean NOT NULL DEFAULT false,
    misses     int NOT NULL DEFAULT 0,             -- attempts in a row that nobody answered
    rests_until timestamptz NOT NULL DEFAULT '-infinity', -- after many of them: nothing is sent before
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_endpoints_of_tenant ON webhook_endpoints (tenant_id, id);
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON webhook_endpoints TO meshgen_tenant USING (tenant_id = current_setting('meshgen.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints TO meshgen_tenant;

ALTER TABLE webhook_deliveries
    ADD COLUMN endpoint_id text NOT NULL DEFAULT '',           -- that is told; of what a request named, ''
    ADD COLUMN since timestamptz NOT NULL DEFAULT now();       -- when it was to be sent first, or again from the first attempt on
COMMENT ON COLUMN webhook_deliveries.due_at IS 'of the next attempt, if its endpoint is neither paused nor rests then';
CREATE UNIQUE INDEX webhook_deliveries_one_a_mesh_and_endpoint ON webhook_deliveries (mesh_id, endpoint_id) WHERE mesh_id <> '';
DROP INDEX webhook_deliveries_one_a_mesh;
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, due_at) WHERE endpoint_id <> '' AND status = 'pending';
CREATE INDEX webhook_deliveries_since ON webhook_deliveries (since) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_not_delivered ON webhook_deliveries (tenant_id, id) WHERE status <> 'delivered'; -- few, where the tenant's history is long

-- What is due is taken from each lane of each tenant in turn. A lane is the server of an address, one of 64 whatever their number.
-- What waits for an endpoint is found by that, so that nothing of those which are told nothing now is looked at.
CREATE FUNCTION webhook_lane(url text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT hashtext(lower(split_part(split_part(url, '/', 3), '?', 1))) & 63 $$;
CREATE INDEX webhook_deliveries_due_of_lane ON webhook_deliveries (tenant_id, webhook_lane(url), due_at) WHERE endpoint_id = '' AND status = 'pending';
DROP INDEX webhook_deliveries_due;

-- Any batch may be told of from now on, if its tenant has an endpoint.
CREATE INDEX batches_to_tell_of_tenant ON batches (tenant_id, id) WHERE NOT webhook_told;

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
