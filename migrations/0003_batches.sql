-- +goose Up

-- A batch is many geometries by many specs. Its meshes are meshes as any other; a row of batch_items says which they are.
CREATE TABLE batches (
    id              text PRIMARY KEY,
    tenant_id       text NOT NULL REFERENCES tenants,
    project_id      text REFERENCES projects ON DELETE CASCADE,
    name            text NOT NULL DEFAULT '',
    specs           jsonb NOT NULL,                 -- [{name, spec as resolved}]
    idempotency_key text,                           -- for a day
    request_hash    text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX batches_of_tenant ON batches (tenant_id, id);
CREATE INDEX batches_of_project ON batches (project_id) WHERE project_id IS NOT NULL;
CREATE UNIQUE INDEX batches_one_a_key ON batches (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE batch_items (
    batch_id text NOT NULL REFERENCES batches ON DELETE CASCADE,
    item     int NOT NULL,                          -- geometry by geometry, and spec by spec within
    spec     int NOT NULL,                          -- index into batches.specs
    mesh_id  text NOT NULL REFERENCES meshes ON DELETE CASCADE,
    PRIMARY KEY (batch_id, item)
);
CREATE UNIQUE INDEX batch_items_of_mesh ON batch_items (mesh_id);
