-- Which workers hold which parts in the memory of their engines, so that a mesh goes first to one of them. It is a hint that workers
-- give anew every few seconds: it is not logged, and a server that crashes begins without any.

-- +goose Up
CREATE UNLOGGED TABLE kept_parts (
    worker    text        NOT NULL,
    tenant_id text        NOT NULL,
    sha256    text        NOT NULL,
    format    text        NOT NULL,
    units     text        NOT NULL,
    until     timestamptz NOT NULL, -- a worker that is not heard of for so long holds nothing
    PRIMARY KEY (tenant_id, sha256, format, units, worker)
);
CREATE INDEX kept_parts_of_worker ON kept_parts (worker);

ALTER TABLE jobs ADD COLUMN held_until timestamptz NOT NULL DEFAULT '-infinity'; -- for the workers that hold its part
