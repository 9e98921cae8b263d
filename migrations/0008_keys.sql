-- Who may: API keys of tenants, and the sessions of browsers that logged in with one.

-- +goose Up
CREATE TABLE api_keys (
    id           text PRIMARY KEY,
    tenant_id    text NOT NULL REFERENCES tenants,
    name         text NOT NULL,
    prefix       text NOT NULL UNIQUE,              -- the part that is no secret: a key is found by it
    secret_hash  bytea NOT NULL,                    -- SHA-256 of the whole
    scope        text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    replaced_by  text,                              -- by a rotation
    last_used_at timestamptz                        -- to the minute
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    tenant_id  text NOT NULL REFERENCES tenants,
    key_id     text NOT NULL REFERENCES api_keys ON DELETE CASCADE, -- which ends the session with it
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_key ON sessions (key_id);
CREATE INDEX sessions_to_sweep ON sessions (expires_at);
