-- A request that makes a geometry can name itself (Idempotency-Key), as those of meshes and batches can.

-- +goose Up
ALTER TABLE geometries
    ADD COLUMN idempotency_key text,                -- for a day
    ADD COLUMN request_hash text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX geometries_one_a_key ON geometries (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
