-- Limits of one tenant, where they are not those of the configuration.

-- +goose Up
ALTER TABLE tenants -- NULL: what the configuration says; 0: none
    ADD COLUMN requests_per_second int CHECK (requests_per_second BETWEEN 0 AND 1000000),
    ADD COLUMN max_queued int CHECK (max_queued >= 0),      -- meshes that wait, of each class
    ADD COLUMN max_running int CHECK (max_running >= 0),    -- jobs
    ADD COLUMN max_bytes bigint CHECK (max_bytes >= 0),     -- stored
    ADD COLUMN max_elements bigint CHECK (max_elements >= 1); -- of a mesh; there is no such thing as none
