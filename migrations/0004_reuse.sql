-- A result answers further requests for the same mesh, and its run is shared by those that come while it goes on.

-- +goose Up
ALTER TABLE jobs
    ADD COLUMN request_key text NOT NULL DEFAULT '',     -- of a mesh: names the file and all that is asked but formats
    ADD COLUMN engine_version text NOT NULL DEFAULT '',  -- whose result it is, where that may answer the same request again
    ADD COLUMN follows text NOT NULL DEFAULT '';         -- the job whose run makes this one's result too
CREATE INDEX jobs_with_result ON jobs (tenant_id, request_key, engine_version, id) WHERE engine_version <> '';
CREATE INDEX jobs_leading ON jobs (tenant_id, request_key) WHERE request_key <> '' AND follows = '' AND status IN ('queued', 'running');
CREATE INDEX jobs_following ON jobs (follows) WHERE follows <> '';

ALTER TABLE meshes ADD COLUMN reused_from text NOT NULL DEFAULT ''; -- the mesh whose run made the result; it may be gone

-- The job under whose prefix the object lies, where that is not the artifact's own.
ALTER TABLE artifacts ADD COLUMN source_job text NOT NULL DEFAULT '';
CREATE INDEX artifacts_lent ON artifacts (source_job) WHERE source_job <> '';

-- The job whose objects they are: they stay while an artifact refers to them.
ALTER TABLE garbage ADD COLUMN job_id text NOT NULL DEFAULT '';

-- The versions of engines that workers have come with; that of the worker that came last counts.
CREATE TABLE engine_versions (
    version    text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now()
);
