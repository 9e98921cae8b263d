-- Whose turn it is: the tenant with the least work under way, of those the one that was served longest ago.

-- +goose Up
CREATE INDEX jobs_to_claim_of_tenant ON jobs (tenant_id, rank_at, id) WHERE status = 'queued' AND waits_for = '' AND follows = '';
CREATE INDEX jobs_served ON jobs (tenant_id, started_at) WHERE claim <> '';
