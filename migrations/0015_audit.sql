-- The audit log: who did what, when, from where, to which thing, and what came of it. Entries are added, and never changed.

-- +goose Up
CREATE TABLE audit_log (
    id         text PRIMARY KEY,
    tenant_id  text NOT NULL REFERENCES tenants,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      text NOT NULL,                     -- id of a key or share link, oidc:subject, anybody, meshgen admin
    via        text NOT NULL,                     -- how that was known
    action     text NOT NULL,                     -- the operation of the API, or of meshgen admin that is named alike
    object     text NOT NULL DEFAULT '',          -- id of the thing
    outcome    text NOT NULL,                     -- ok, or the code of the problem
    sender     text NOT NULL DEFAULT '',          -- address
    request_id text NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_of_tenant ON audit_log (tenant_id, id);
CREATE INDEX audit_log_to_sweep ON audit_log (at);

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON audit_log TO meshgen_tenant USING (tenant_id = current_setting('meshgen.tenant', true));
GRANT SELECT, INSERT ON audit_log TO meshgen_tenant;

-- Nor can the owner of the table change an entry, or remove one that is younger than the shortest retention.
-- +goose StatementBegin
CREATE FUNCTION keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '30 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_log_kept BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION keep_audit_log();
CREATE TRIGGER audit_log_kept_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_log();
