-- Reports and models are compressed with LZ4: the finish of a job waits for it, and the default takes more than twice the
-- processor time (0.79 against 0.33 ms for a report of 13 kB; BenchmarkReport of internal/store). What is there stays as it is.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE meshes ALTER COLUMN report SET COMPRESSION lz4;
    ALTER TABLE geometries ALTER COLUMN model SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN -- a server that was built without it keeps the default
    RAISE NOTICE 'this Postgres has no LZ4; reports keep the default compression';
END $$;
-- +goose StatementEnd
