package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func TestAdmin_MakesTenantsAndTheirFirstKeys(t *testing.T) {
	database := testenv.Postgres(t).URL
	admin := func(code int, args ...string) (stdout, stderr string) {
		t.Helper()
		stdout, stderr, exit := meshgen(t, []string{"MESHGEN_DATABASE_URL=" + database}, append([]string{"admin"}, args...)...)
		require.Equal(t, code, exit, stderr)
		return stdout, stderr
	}
	_, stderr := admin(1, "tenants", "ls")
	require.Contains(t, stderr, "api migrate")
	require.NoError(t, store.Migrate(t.Context(), database))

	admin(0, "tenants", "create", "acme", "--name", "Acme")
	_, stderr = admin(2, "tenants", "create", "acme")
	require.Contains(t, stderr, "already")
	admin(2, "tenants", "create", "Acme")
	list, _ := admin(0, "tenants", "ls")
	require.Regexp(t, `(?m)^acme .*Acme$`, list)

	word, stderr := admin(0, "keys", "create", "--tenant", "acme", "--name", "ci", "--scope", "write", "--expires", "90d")
	require.Contains(t, stderr, "cannot be shown again")
	key, err := auth.ParseKey(word[:len(word)-1])
	require.NoError(t, err)
	for _, wrong := range [][]string{{"--name", ""}, {"--name", "x", "--tenant", "nobody"}, {"--name", "x", "--scope", "root"}, {"--name", "x", "--expires", "-1h"}} {
		admin(2, append([]string{"keys", "create"}, wrong...)...)
	}
	var keys types.KeyList
	read := func() types.Key {
		out, _ := admin(0, "keys", "ls", "--tenant", "acme", "--json")
		require.NotContains(t, out, word)
		require.NoError(t, json.Unmarshal([]byte(out), &keys))
		require.Len(t, keys.Items, 1)
		return keys.Items[0]
	}
	made := read()
	require.Equal(t, []string{"ci", "write", "active", auth.KeyMark + key.Prefix()}, []string{made.Name, made.Scope, made.Status, made.Prefix})
	admin(2, "keys", "revoke", made.ID) // it is of another tenant
	admin(0, "keys", "revoke", "--tenant", "acme", made.ID)
	require.Equal(t, "revoked", read().Status)

	log, _ := admin(0, "audit", "--tenant", "acme", "--json")
	var told types.AuditLog
	require.NoError(t, json.Unmarshal([]byte(log), &told))
	var actions []string
	for _, e := range told.Items {
		require.Equal(t, []string{"meshgen admin", "operator", "ok"}, []string{e.Actor, e.Via, e.Outcome})
		actions = append(actions, strings.TrimSpace(e.Action+" "+e.Object))
	}
	require.Equal(t, []string{"revoke-key " + made.ID, "create-key " + made.ID, "create-tenant"}, actions)
	table, _ := admin(0, "audit", "--tenant", "acme", "--action", "revoke-key")
	require.Regexp(t, `(?m)^\S+ .*meshgen admin +revoke-key +`+made.ID+` +ok`, table)
}

// The key is shown once and works: whoever asked for it gets it, also where the log of it cannot be written.
func TestAdmin_PrintsAKeyThatTheAuditLogDoesNotTake(t *testing.T) {
	database := testenv.PreparedPostgres(t, store.Migrate).URL
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), `ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (action <> 'create-key')`)
	require.NoError(t, err)
	stdout, stderr, exit := meshgen(t, []string{"MESHGEN_DATABASE_URL=" + database}, "admin", "keys", "create", "--name", "ci")
	require.NotZero(t, exit)
	require.Contains(t, stderr, "the key is made, but not in the audit log")
	_, err = auth.ParseKey(strings.TrimSpace(stdout))
	require.NoError(t, err)
}

func TestAdmin_SetsTheLimitsOfATenant(t *testing.T) {
	database := testenv.PreparedPostgres(t, store.Migrate).URL
	admin := func(code int, args ...string) string {
		t.Helper()
		stdout, stderr, exit := meshgen(t, []string{"MESHGEN_DATABASE_URL=" + database}, append([]string{"admin", "limits"}, args...)...)
		require.Equal(t, code, exit, stderr)
		return stdout + stderr
	}
	require.Regexp(t, `(?m)^bytes stored +default$`, admin(0, "default"))
	require.Contains(t, admin(2, "nobody"), "there is no tenant nobody")
	for _, wrong := range [][]string{{"--requests", "-1"}, {"--requests", "1000001"}, {"--bytes", "much"}, {"--queued", "0"}, {"--elements", "none"}} {
		require.Contains(t, admin(2, append([]string{"default"}, wrong...)...), wrong[0])
	}
	require.NotContains(t, admin(2, "default", "--elements", "many"), "none")
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), `ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (action <> 'limits')`)
	require.NoError(t, err)
	require.Contains(t, admin(1, "default", "--running", "3"), "refused")
	require.Regexp(t, `(?m)^jobs that run +default$`, admin(0, "default"), "nothing changes of which the audit log does not tell")
	_, err = conn.Exec(t.Context(), `ALTER TABLE audit_log DROP CONSTRAINT refused`)
	require.NoError(t, err)
	admin(0, "default", "--bytes", "1610612737B")
	admin(0, "default", "--requests", "20", "--queued", "200", "--running", "4", "--bytes", "1.5GiB", "--elements", "5000000")
	said := admin(0, "default", "--running", "none", "--requests", "default")
	for _, line := range []string{`requests a second +default`, `meshes that wait +200`, `jobs that run +none`, `bytes stored +1.5GiB`, `elements of a mesh +5000000`} {
		require.Regexp(t, `(?m)^`+line+`$`, said)
	}
	var own store.Limits
	require.NoError(t, json.Unmarshal([]byte(admin(0, "default", "--json")), &own))
	require.EqualValues(t, 3<<29, *own.MaxBytes)
	require.Nil(t, own.RequestsPerSecond)
	out, _, _ := meshgen(t, []string{"MESHGEN_DATABASE_URL=" + database}, "admin", "audit", "--action", "limits")
	require.Equal(t, 3, strings.Count(out, "meshgen admin"))
	require.Contains(t, out, "requests: 20 to default, running: 4 to none")
	require.Contains(t, out, "requests: default to 20, queued: default to 200, running: default to 4, bytes: 1610612737 to 1610612736, elements: default to 5000000")
}
