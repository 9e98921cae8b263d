-- Share links: each shows one mesh to whoever has it, without a key.

-- +goose Up
CREATE TABLE shares (
    id           text PRIMARY KEY,
    tenant_id    text NOT NULL REFERENCES tenants,
    mesh_id      text NOT NULL REFERENCES meshes ON DELETE CASCADE, -- with which its links go
    prefix       text NOT NULL UNIQUE,              -- the part that is no secret: a link is found by it
    secret_hash  bytea NOT NULL,                    -- SHA-256 of the whole word
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    last_used_at timestamptz                        -- to the minute
);
CREATE INDEX shares_of_tenant ON shares (tenant_id, id);
CREATE INDEX shares_of_mesh ON shares (mesh_id);
CREATE INDEX shares_to_sweep ON shares (expires_at);

ALTER TABLE shares ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON shares TO meshgen_tenant USING (tenant_id = current_setting('meshgen.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON shares TO meshgen_tenant;
