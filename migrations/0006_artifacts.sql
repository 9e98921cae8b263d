-- An artifact goes with its job, and a job with its tenant, geometry and mesh. To check those again for each file was a fifth of what
-- it costs to finish a job, and locked the rows of tenants that all share.

-- +goose Up
ALTER TABLE artifacts
    DROP CONSTRAINT artifacts_tenant_id_fkey,
    DROP CONSTRAINT artifacts_geometry_id_fkey,
    DROP CONSTRAINT artifacts_mesh_id_fkey;
