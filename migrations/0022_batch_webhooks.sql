-- A batch can name an address, which is told once when all of its meshes have ended.

-- +goose Up
ALTER TABLE batches
    ADD COLUMN webhook_url text NOT NULL DEFAULT '',
    ADD COLUMN webhook_told boolean NOT NULL DEFAULT false;
CREATE INDEX batches_to_tell ON batches (id) WHERE webhook_url <> '' AND NOT webhook_told;

ALTER TABLE webhook_deliveries ADD COLUMN batch_id text NOT NULL DEFAULT ''; -- of news of a batch, whose mesh_id is empty
