package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/store"
)

// audit returns the log, oldest first, as "actor via action object outcome".
func (s *service) audit(query string) (told []string) {
	s.t.Helper()
	log := decode[types.AuditLog](s.get("/v1/audit?limit=200"+query), 200)
	for _, e := range log.Items {
		if e.Action != "read-audit" {
			told = append([]string{strings.TrimSpace(strings.Join([]string{e.Actor, e.Via, e.Action, e.Object, e.Outcome}, " "))}, told...)
		}
	}
	return told
}

func TestAudit_TellsWhoDidWhatToWhich(t *testing.T) {
	s := guarded(t)
	admin, key := s.key("acme", auth.Admin)
	o := s.as(admin)
	mesh := o.succeeded()
	fresh := decode[types.NewKey](o.post("/v1/keys", `{"name": "ci", "scope": "read"}`), 201)
	link, visitor := o.share(mesh.ID)
	require.Equal(t, 302, o.get("/v1/meshes/"+mesh.ID+"/download").status)
	for range 2 { // told once a minute
		require.Less(t, o.get("/v1/meshes/"+mesh.ID+"/log").status, 400)
	}
	anybody := s.as(nil)
	require.Equal(t, 200, anybody.get("/v1/shared", visitor...).status)
	require.Equal(t, 200, anybody.get("/v1/shared", visitor...).status)
	cookie := append(jar(anybody.post("/v1/session", fmt.Sprintf(`{"key": %q}`, fresh.Secret))), "X-Meshgen-Page", "1")
	require.Equal(t, 403, anybody.do(http.MethodDelete, "/v1/meshes/"+mesh.ID, nil, cookie...).status)
	require.Equal(t, 204, o.delete("/v1/shares/"+link.ID).status)
	require.Equal(t, 404, anybody.get("/v1/shared", visitor...).status)
	require.Equal(t, 204, o.delete("/v1/keys/"+fresh.ID).status)
	require.Equal(t, 401, anybody.post("/v1/session", fmt.Sprintf(`{"key": %q}`, fresh.Secret)).status)
	require.Equal(t, 401, anybody.get("/v1/meshes", bearer(fresh.Secret)...).status)
	require.Equal(t, 204, o.delete("/v1/meshes/"+mesh.ID).status)
	require.Equal(t, 404, o.delete("/v1/meshes/"+mesh.ID).status)

	require.Equal(t, []string{
		key.ID + " key create-key " + fresh.ID + " ok",
		key.ID + " key create-share " + link.ID + " ok",
		key.ID + " key download-mesh " + mesh.ID + " ok",
		key.ID + " key get-mesh-log " + mesh.ID + " ok",
		link.ID + " share get-shared " + mesh.ID + " ok", // once a minute
		fresh.ID + " key log-in  ok",
		fresh.ID + " cookie delete-mesh " + mesh.ID + " forbidden",
		key.ID + " key revoke-share " + link.ID + " ok",
		link.ID + " share get-shared  not_found",
		key.ID + " key revoke-key " + fresh.ID + " ok",
		fresh.ID + " key log-in  unauthenticated",
		fresh.ID + " key list-meshes  unauthenticated",
		key.ID + " key delete-mesh " + mesh.ID + " ok",
		key.ID + " key delete-mesh " + mesh.ID + " not_found",
	}, o.audit(""))
	require.Len(t, o.audit("&object="+mesh.ID+"&action=delete-mesh"), 3)
	require.Len(t, o.audit("&actor="+link.ID), 2)

	first := decode[types.AuditLog](o.get("/v1/audit?limit=3"), 200)
	e := first.Items[2]
	require.Equal(t, "127.0.0.1", e.From)
	require.WithinDuration(t, time.Now(), e.At, time.Minute)
	require.NotEmpty(t, e.RequestID)
	next := decode[types.AuditLog](o.get("/v1/audit?limit=3&cursor="+first.NextCursor), 200)
	require.Less(t, next.Items[0].ID, e.ID)
}

func TestAudit_TellsOfBothKeysOfARotation(t *testing.T) {
	s := guarded(t)
	admin, key := s.key("acme", auth.Admin)
	o := s.as(admin)
	old := decode[types.NewKey](o.post("/v1/keys", `{"name": "ci"}`), 201)
	fresh := decode[types.NewKey](o.post("/v1/keys/"+old.ID+"/rotate", ""), 201)
	require.Equal(t, 204, o.delete("/v1/keys/"+old.ID).status)
	o.post("/v1/keys/"+old.ID+"/rotate", "").problem(409, "key_over")
	require.Equal(t, []string{
		key.ID + " key create-key " + old.ID + " ok",
		key.ID + " key create-key " + fresh.ID + " ok",
		key.ID + " key rotate-key " + old.ID + " ok",
		key.ID + " key revoke-key " + old.ID + " ok",
		key.ID + " key rotate-key " + old.ID + " key_over",
	}, o.audit(""))
	require.Equal(t, []string{key.ID + " key create-key " + fresh.ID + " ok"}, o.audit("&object="+fresh.ID))
}

// Who may ask is as long as an identity provider's subjects may be.
func TestAudit_FindsTheLongestActor(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	actor := "oidc:" + strings.Repeat("x", 255)
	require.NoError(t, s.db.Record(t.Context(), store.AuditEntry{
		TenantID: "acme", Actor: actor, Via: "token", Action: "delete-mesh", Outcome: store.OutcomeOK,
	}))
	require.Equal(t, []string{actor + " token delete-mesh  ok"}, s.as(admin).audit("&actor="+actor))
}

// A key that cannot be told of is not adopted: both are recorded, or neither.
func TestAdoptedKey_IsInTheAuditLogOrNowhere(t *testing.T) {
	s := guarded(t)
	key := auth.NewKey()
	adopt := store.NewAPIKey{TenantID: store.DefaultTenant, Name: "first", Scope: auth.Admin, CreatedBy: "MESHGEN_ADMIN_KEY"}
	_, err := s.sql.Exec(t.Context(), `ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (actor <> 'MESHGEN_ADMIN_KEY')`)
	require.NoError(t, err)
	require.Error(t, s.db.AdoptKey(t.Context(), adopt, key))
	_, err = s.sql.Exec(t.Context(), `ALTER TABLE audit_log DROP CONSTRAINT refused`)
	require.NoError(t, err)
	s.get("/v1/meshes", bearer(key.Reveal())...).problem(401, "unauthenticated")

	for range 2 { // at each start
		require.NoError(t, s.db.AdoptKey(t.Context(), adopt, key))
	}
	o := s.as(bearer(key.Reveal()))
	id := decode[types.KeyList](o.get("/v1/keys"), 200).Items[0].ID
	require.Equal(t, []string{"MESHGEN_ADMIN_KEY operator create-key " + id + " ok"}, o.audit(""))
}

func TestAudit_IsTheTenantsAloneAndForAdmins(t *testing.T) {
	s := guarded(t)
	theirs, mine := s.possessions("acme"), s.possessions("other")
	require.NotEmpty(t, theirs.audit(""))
	a := mine.get("/v1/audit?limit=200")
	notTheirs(t, "", a, theirs)
	for _, id := range theirs.ids {
		require.Empty(t, mine.audit("&object="+id))
	}
	mine.get("/v1/audit?cursor="+mine.cursor).problem(422, "validation_failed")
	for _, query := range []string{"object=a%00", "actor=%ff", "action=%c3%28"} {
		mine.get("/v1/audit?"+query).problem(422, "validation_failed")
	}
	writer, _ := s.key("acme", auth.Write)
	s.as(writer).get("/v1/audit").problem(403, "forbidden")
}

// What can be said by whoever has sent a request is said without what it must not tell.
func TestAudit_HoldsNoSecret(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	o := s.as(admin)
	made := decode[types.NewKey](o.post("/v1/keys", `{"name": "x"}`), 201)
	o.delete("/v1/keys/"+made.Secret).problem(404, "not_found")
	o.delete("/v1/meshes/msh_" + strings.Repeat("x", 36))
	body := string(o.get("/v1/audit").body)
	require.NotContains(t, body, made.Secret[len(made.Prefix)+1:])
	require.NotContains(t, body, "xxxx")
}

func TestAudit_TellsOfLimitsOnceAMinute(t *testing.T) {
	s := guarded(t, func(p *parts) {
		p.change = func(c *api.Config) { c.Auth, c.RequestsPerSecond = api.AuthOn, 2 }
	})
	header, key := s.key("acme", auth.Admin)
	refused := 0
	for range 30 {
		if s.get("/v1/meshes", header...).status == http.StatusTooManyRequests {
			refused++
		}
	}
	require.Greater(t, refused, 2)
	rows, err := s.db.Audit(t.Context(), "acme", store.AuditFilter{}, store.Page{Limit: 100})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, []string{key.ID, "list-meshes", "too_many_requests"}, []string{rows[0].Actor, rows[0].Action, rows[0].Outcome})
}

func TestAudit_IsOnlyAddedTo(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	o := s.as(admin)
	decode[types.NewKey](o.post("/v1/keys", `{"name": "x"}`), 201)
	before := o.audit("")
	require.Len(t, before, 1)
	for _, role := range []string{`RESET ROLE`, `SET ROLE meshgen_tenant; SET meshgen.tenant = 'acme'`} {
		_, err := s.sql.Exec(t.Context(), role)
		require.NoError(t, err)
		for _, statement := range []string{`UPDATE audit_log SET actor = 'nobody'`, `DELETE FROM audit_log`, `TRUNCATE audit_log`} {
			_, err := s.sql.Exec(t.Context(), statement)
			require.ErrorContains(t, err, "42501", "%s: %s", role, statement)
		}
	}
	_, err := s.sql.Exec(t.Context(), `RESET ROLE`)
	require.NoError(t, err)
	require.Equal(t, before, o.audit(""))

	_, err = s.sql.Exec(t.Context(), `
		INSERT INTO audit_log (id, tenant_id, at, actor, via, action, outcome) VALUES
			('aud_1', 'acme', now() - interval '31 days', 'x', 'key', 'old', 'ok'), ('aud_2', 'acme', now() - interval '29 days', 'x', 'key', 'young', 'ok')`)
	require.NoError(t, err)
	require.NoError(t, s.db.ExpireAudit(t.Context(), time.Hour))
	require.Empty(t, o.audit("&action=old"))
	require.Len(t, o.audit("&action=young"), 1, "not before the shortest retention")
}

// A proxy in front is believed, as far as it is known, and nobody else is.
func TestSender_IsWhomTrustedProxiesName(t *testing.T) {
	for _, c := range []struct {
		trusted, said, from string
	}{
		{"", "203.0.113.9", "127.0.0.1"},
		{"127.0.0.0/8", "", "127.0.0.1"},
		{"127.0.0.0/8", "203.0.113.9", "203.0.113.9"},
		{"127.0.0.0/8", "198.51.100.7, 203.0.113.9", "203.0.113.9"}, // the first is what the client says of itself
		{"127.0.0.0/8,203.0.113.0/24", "198.51.100.7, 203.0.113.9", "198.51.100.7"},
		{"127.0.0.0/8", "203.0.113.9, nonsense", "127.0.0.1"},
	} {
		s := guarded(t, func(p *parts) {
			p.change = func(cfg *api.Config) {
				cfg.Auth = api.AuthOn
				for _, network := range strings.Split(c.trusted, ",") {
					if network != "" {
						cfg.TrustedProxies = append(cfg.TrustedProxies, netip.MustParsePrefix(network))
					}
				}
			}
		})
		header, _ := s.key("acme", auth.Admin)
		decode[types.NewKey](s.post("/v1/keys", `{"name": "x"}`, append([]string{"X-Forwarded-For", c.said}, header...)...), 201)
		require.Equal(t, c.from, decode[types.AuditLog](s.get("/v1/audit", header...), 200).Items[0].From, "%+v", c)
	}
}

// The list of what is recorded speaks of operations that there are.
func TestAudit_ItsActionsAreOperationsOfTheDocument(t *testing.T) {
	s := guarded(t)
	known := map[string]bool{}
	for _, operations := range decode[contract](s.get("/openapi.json"), 200).Paths {
		for _, op := range operations {
			known[op.OperationID] = true
		}
	}
	for operation := range api.Audited {
		require.True(t, known[operation], operation)
	}
}
