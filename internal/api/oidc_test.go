package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/oidc"
	"meshgen/internal/testenv"
)

func TestTokenOfTheIdentityProvider_IsAsGoodAsAKey(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	log := &testenv.Log{}
	s := guarded(t, func(p *parts) {
		p.log = log
		p.oidc = oidc.New(oidc.Config{Issuer: issuer.URL, Audience: "meshgen", TenantClaim: "tenant", ScopeClaim: "scope"})
	})
	theirs := s.possessions("acme")
	_, err := s.db.CreateTenant(t.Context(), "other", "Other")
	require.NoError(t, err)
	token := func(tenant, scope string) []string {
		return bearer(issuer.Token(map[string]any{"tenant": tenant, "scope": scope}))
	}
	writer := token("other", "meshgen:write")
	session := decode[types.Session](s.get("/v1/session", writer...), 200)
	require.Equal(t, []string{"token", "other", "write", "oidc:ada"}, []string{session.By, session.Tenant, session.Scope, session.Actor})
	require.NotNil(t, session.ExpiresAt)

	// It sees its tenant's things and no other's, and may what its scopes say.
	o := s.as(writer)
	made := decode[types.Project](o.post("/v1/projects", `{"name": "p"}`), 201)
	require.Equal(t, 204, o.delete("/v1/projects/"+made.ID).status)
	for _, id := range theirs.ids[:5] {
		for _, path := range []string{"/v1/projects/", "/v1/meshes/", "/v1/geometries/"} {
			o.get(path+id).problem(404, "not_found")
		}
	}
	o.get("/v1/keys").problem(403, "forbidden")
	s.as(token("other", "meshgen:read")).post("/v1/projects", `{"name": "p"}`).problem(403, "forbidden")
	admin := s.as(token("other", "meshgen:admin"))
	require.Equal(t, "oidc:ada", decode[types.NewKey](admin.post("/v1/keys", `{"name": "x"}`), 201).CreatedBy)
	require.Contains(t, admin.audit(""), "oidc:ada token delete-project "+made.ID+" ok")

	s.get("/v1/meshes", token("nobody", "meshgen:read")...).problem(403, "forbidden")
	s.get("/v1/meshes", token("other", "openid")...).problem(403, "forbidden")
	p := s.get("/v1/meshes", bearer(issuer.Token(map[string]any{"aud": "billing"}))...).problem(401, "unauthenticated")
	require.Contains(t, p.Detail, "audience")
	require.Equal(t, 200, s.as(theirs.header).get("/v1/meshes").status, "keys go on")

	require.NotContains(t, log.String(), writer[1][len("Bearer "):])
}

func TestIdentityProviderThatIsAway_KeepsNobodyOutWhoHasAKey(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	issuer.Away.Store(true)
	s := guarded(t, func(p *parts) {
		p.oidc = oidc.New(oidc.Config{Issuer: issuer.URL, Audience: "meshgen", TenantClaim: "tenant", ScopeClaim: "scope"})
	})
	header, _ := s.key("acme", auth.Read)
	a := s.get("/v1/meshes", bearer(issuer.Token(map[string]any{"tenant": "acme", "scope": "meshgen:read"}))...)
	a.problem(503, "temporarily_unavailable")
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Equal(t, 200, s.get("/v1/meshes", header...).status)
}

func TestWithoutAnIdentityProvider_TokensAreNoKeys(t *testing.T) {
	s := guarded(t)
	s.key("acme", auth.Read)
	s.get("/v1/meshes", bearer(testenv.NewIssuer(t).Token(map[string]any{"tenant": "acme", "scope": "meshgen:read"}))...).problem(401, "unauthenticated")
}
