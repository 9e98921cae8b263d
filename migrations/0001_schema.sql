-- The whole of the first schema. Every row that belongs to somebody says to whom (tenant_id).
-- Names (ids) are text: a type prefix and a UUIDv7, so that they sort by age.

-- +goose Up
CREATE TABLE tenants (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO tenants (id, name) VALUES ('default', 'Default');

CREATE TABLE projects (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL REFERENCES tenants,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX projects_of_tenant ON projects (tenant_id, id);

-- An upload is a promise of bytes that the client sends straight to S3.
CREATE TABLE uploads (
    id           text PRIMARY KEY,
    tenant_id    text NOT NULL REFERENCES tenants,
    project_id   text REFERENCES projects ON DELETE SET NULL,
    filename     text NOT NULL,
    units        text NOT NULL DEFAULT '',
    size_bytes   bigint NOT NULL,
    object_key   text NOT NULL,
    multipart_id text NOT NULL DEFAULT '',          -- empty: a single PUT
    part_size    bigint NOT NULL,
    geometry_id  text,                              -- set once, by complete
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX uploads_to_sweep ON uploads (expires_at) WHERE geometry_id IS NULL;

CREATE TABLE geometries (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL REFERENCES tenants,
    project_id text REFERENCES projects ON DELETE CASCADE,
    filename   text NOT NULL,
    format     text NOT NULL,                       -- by content: step iges brep stl
    units      text NOT NULL DEFAULT '',            -- as declared by the user; '' where nobody said
    size_bytes bigint NOT NULL,
    sha256     text NOT NULL,
    object_key text NOT NULL,
    model      jsonb,                               -- engine.Model, once imported
    warnings   jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX geometries_of_tenant ON geometries (tenant_id, id);
CREATE INDEX geometries_of_project ON geometries (project_id) WHERE project_id IS NOT NULL;

CREATE TABLE meshes (
    id          text PRIMARY KEY,
    tenant_id   text NOT NULL REFERENCES tenants,
    project_id  text REFERENCES projects ON DELETE CASCADE,
    geometry_id text NOT NULL REFERENCES geometries ON DELETE CASCADE,
    spec        jsonb NOT NULL,                     -- as resolved
    report      jsonb,                              -- engine.MeshReport, once succeeded
    warnings    jsonb NOT NULL DEFAULT '[]',
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX meshes_of_tenant ON meshes (tenant_id, id);
CREATE INDEX meshes_of_geometry ON meshes (geometry_id, id);
CREATE INDEX meshes_of_project ON meshes (project_id) WHERE project_id IS NOT NULL;

-- A job is work to be done about a subject: the import of a geometry, a mesh, an export of further formats of a mesh.
--
--   queued ──claim──▶ running ──▶ succeeded | failed
--     ▲  │               │ │
--     │  └──cancel──┐    │ └──cancel──▶ canceled
--     │             ▼    │
--     │         canceled │
--     └── lost lease, ───┘     attempt counts claims; it and the claim's token fence every write about a running job
--         released
CREATE TABLE jobs (
    id           text PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('import', 'mesh', 'export')),
    tenant_id    text NOT NULL REFERENCES tenants,
    geometry_id  text NOT NULL REFERENCES geometries ON DELETE CASCADE,
    mesh_id      text REFERENCES meshes ON DELETE CASCADE,
    status       text NOT NULL DEFAULT 'queued'
                 CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'canceled')),
    class        text NOT NULL DEFAULT 'interactive' CHECK (class IN ('interactive', 'batch')),
    formats      jsonb NOT NULL DEFAULT '[]',       -- of an export
    attempt      int NOT NULL DEFAULT 0,
    max_attempts int NOT NULL DEFAULT 3,
    worker       text NOT NULL DEFAULT '',
    claim        text NOT NULL DEFAULT '',          -- token of the running claim
    lease_until  timestamptz,
    waits_for    text NOT NULL DEFAULT '',          -- geometry whose import has to end first
    stage        text NOT NULL DEFAULT '',
    progress     real NOT NULL DEFAULT 0,
    error        jsonb,                             -- diagnosis.Diagnosis, of a failed job
    timings      jsonb NOT NULL DEFAULT '[]',
    traceparent  text NOT NULL DEFAULT '',
    queued_at    timestamptz NOT NULL DEFAULT now(),
    rank_at      timestamptz NOT NULL DEFAULT now(), -- queued_at + the delay of its class: the order of claims
    not_before   timestamptz NOT NULL DEFAULT now(), -- a retry waits
    rung_at      timestamptz NOT NULL DEFAULT now(), -- when the doorbell was last rung for it
    started_at   timestamptz,
    finished_at  timestamptz,
    CHECK (status <> 'running' OR (claim <> '' AND lease_until IS NOT NULL))
) WITH (fillfactor = 70);                           -- heartbeats update in place
CREATE INDEX jobs_to_claim ON jobs (rank_at, id) WHERE status = 'queued';
CREATE INDEX jobs_running ON jobs (id) WHERE status = 'running'; -- not by lease_until, which every heartbeat changes
CREATE INDEX jobs_waiting ON jobs (waits_for) WHERE waits_for <> '';
CREATE UNIQUE INDEX jobs_one_import ON jobs (geometry_id) WHERE kind = 'import';
CREATE UNIQUE INDEX jobs_one_mesh ON jobs (mesh_id) WHERE kind = 'mesh';
CREATE INDEX jobs_of_mesh ON jobs (mesh_id) WHERE mesh_id IS NOT NULL;
CREATE INDEX jobs_of_geometry ON jobs (geometry_id);

CREATE TABLE artifacts (
    id          text PRIMARY KEY,
    tenant_id   text NOT NULL REFERENCES tenants,
    job_id      text NOT NULL REFERENCES jobs ON DELETE CASCADE,
    geometry_id text NOT NULL REFERENCES geometries ON DELETE CASCADE,
    mesh_id     text REFERENCES meshes ON DELETE CASCADE,
    attempt     int NOT NULL,
    name        text NOT NULL,
    format      text NOT NULL,
    media_type  text NOT NULL,
    object_key  text NOT NULL,
    size_bytes  bigint NOT NULL,
    sha256      text NOT NULL,
    preview     boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX artifacts_of_mesh ON artifacts (mesh_id) WHERE mesh_id IS NOT NULL;
CREATE INDEX artifacts_of_job ON artifacts (job_id);
CREATE INDEX artifacts_of_geometry ON artifacts (geometry_id);

CREATE TABLE idempotency_keys (
    tenant_id    text NOT NULL REFERENCES tenants,
    key          text NOT NULL,
    request_hash text NOT NULL,
    mesh_id      text NOT NULL REFERENCES meshes ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_of_mesh ON idempotency_keys (mesh_id);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Objects to delete, by prefix: written in the transaction that makes them useless, swept later.
CREATE TABLE garbage (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    prefix       text NOT NULL,
    multipart_id text NOT NULL DEFAULT '',
    due_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX garbage_due ON garbage (due_at);
