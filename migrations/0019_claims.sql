-- A claim counts what runs of each tenant that has work.

-- +goose Up
CREATE INDEX jobs_running_of_tenant ON jobs (tenant_id) WHERE status = 'running';
DROP INDEX jobs_running;
