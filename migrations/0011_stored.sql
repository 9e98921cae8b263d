-- How much a tenant has stored is asked for with each upload and mesh, where that is limited.

-- +goose Up
CREATE INDEX artifacts_of_tenant ON artifacts (tenant_id) INCLUDE (size_bytes) WHERE source_job = '';
CREATE INDEX uploads_of_tenant ON uploads (tenant_id) WHERE geometry_id IS NULL;
