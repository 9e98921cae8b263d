-- Whose turn it is: the tenant with the least work under way, of those the one that was served longest ago.

-- +goose Up
CREATE INDEX jobs_to_claim_of_tenant ON jobs (tenant_id, rank_at, id) WHERE status = 'queued' AND waits_for = '' AND follows = '';
CREATE INDEX jobs_served ON jobs (tenant_id, started_at) WHERE claim <> '';

-- How long work takes: of the jobs that ended last.
CREATE INDEX jobs_ended ON jobs (finished_at) WHERE kind = 'mesh' AND claim <> '' AND status IN ('succeeded', 'failed');
CREATE INDEX meshes_reused ON meshes (created_at) WHERE reused_from <> '';
