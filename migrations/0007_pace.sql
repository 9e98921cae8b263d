-- How fast jobs are done, of those that ended last: from it, how long one will wait.

-- +goose Up
CREATE INDEX jobs_ended ON jobs (finished_at) WHERE claim <> '' AND status IN ('succeeded', 'failed');
