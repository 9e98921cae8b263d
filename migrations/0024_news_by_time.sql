-- News is named by when it happened, by the clock of the database, as lists are by the age of names. That of a mesh was by when the mesh
-- had been asked for, that of a batch by when it was told, by the clock of whoever told it.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION delivery_id(happened timestamptz) RETURNS text LANGUAGE sql VOLATILE AS $$ -- a UUIDv7 of that moment
    SELECT 'whk_' || substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(gen_random_uuid()::text, 16)
    FROM (SELECT lpad(to_hex(floor(extract(epoch FROM happened) * 1000)::bigint), 12, '0') AS ms) AS moment
$$;
-- +goose StatementEnd

CREATE UNIQUE INDEX webhook_deliveries_one_a_mesh ON webhook_deliveries (mesh_id) WHERE mesh_id <> ''; -- it ends once, whatever its news is called

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tell_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    happened timestamptz := coalesce(NEW.finished_at, now());
BEGIN
    INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, url, created_at, payload) VALUES (
        delivery_id(happened), NEW.tenant_id, NEW.mesh_id, NEW.webhook_url, happened, jsonb_build_object(
            'type', 'mesh.' || NEW.status,
            'timestamp', to_char(happened AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'data', jsonb_build_object('mesh_id', NEW.mesh_id, 'geometry_id', NEW.geometry_id, 'status', NEW.status, 'error', NEW.error)
        )::text)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd
