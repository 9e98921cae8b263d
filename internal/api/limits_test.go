package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/store"
)

func TestTooManyRequests_AreRefusedForAWhile_OfTheirTenantOnly(t *testing.T) {
	s := guarded(t, func(p *parts) {
		p.change = func(c *api.Config) { c.Auth, c.RequestsPerSecond = api.AuthOn, 1 }
	})
	acme, _ := s.key("acme", auth.Admin)
	second, _ := s.key("acme", auth.Read)
	other, _ := s.key("other", auth.Read)
	first := s.get("/v1/session", acme...)
	require.Equal(t, http.StatusOK, first.status)
	require.Equal(t, `"requests";q=5;w=5`, first.header.Get("RateLimit-Policy"))
	require.Equal(t, `"requests";r=4;t=1`, first.header.Get("RateLimit"))

	refused := func(ask func() answer) answer { // the machine may be so slow that one more is due meanwhile
		for range 1000 {
			if a := ask(); a.status == http.StatusTooManyRequests {
				return a
			}
		}
		t.Fatal("a thousand requests were answered")
		return answer{}
	}
	a := refused(func() answer { return s.get("/v1/session", acme...) })
	a.problem(http.StatusTooManyRequests, types.CodeTooManyRequests)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, `"requests";r=0;t=5`, a.header.Get("RateLimit"))
	refused(func() answer { return s.do(http.MethodHead, "/v1/events", nil, second...) }) // another key of the tenant, and a stream
	require.Equal(t, http.StatusOK, s.get("/v1/session", other...).status)
	require.Equal(t, http.StatusUnauthorized, s.get("/v1/session").status)
}

func TestTenantThatHasStoredWhatItMay_StoresNothingMore(t *testing.T) {
	part := string(step(1000))
	s := guarded(t, func(p *parts) {
		p.change = func(c *api.Config) { c.Auth, c.MaxBytesOfTenant = api.AuthOn, int64(2*len(part)+500) }
	})
	header, _ := s.key("acme", auth.Write)
	stranger, _ := s.key("other", auth.Write)
	acme, other := s.as(header), s.as(stranger)
	g := decode[types.Geometry](acme.upload(field{"file", "a.step", part}), 201)
	u := decode[types.Upload](acme.post("/v1/uploads", fmt.Sprintf(`{"filename": "b.step", "size": %d}`, len(part))), 201)

	p := acme.upload(field{"file", "c.step", part}).problem(403, types.CodeStorageFull)
	require.Contains(t, p.Detail, strconv.Itoa(2*len(part)))
	acme.post("/v1/uploads", `{"filename": "c.step", "size": 501}`).problem(403, types.CodeStorageFull)
	require.Equal(t, 201, acme.post("/v1/uploads", `{"filename": "c.step", "size": 500}`).status)
	acme.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID)).problem(403, types.CodeStorageFull)
	acme.post("/v1/batches", batchBody([]string{g.ID}, coarse)).problem(403, types.CodeStorageFull)
	require.Equal(t, 201, other.upload(field{"file", "c.step", part}).status)

	_, err := s.sql.Exec(t.Context(), `UPDATE uploads SET expires_at = now() WHERE id = $1`, u.ID)
	require.NoError(t, err)
	require.Equal(t, 202, acme.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID)).status)
	require.Equal(t, 204, acme.do(http.MethodDelete, "/v1/geometries/"+g.ID, nil).status)
	require.Equal(t, 201, acme.upload(field{"file", "c.step", part}).status)
}

// limits gives a tenant limits of its own.
func (s *service) limits(tenant string, change func(*store.Limits)) {
	s.t.Helper()
	_, err := s.db.CreateTenant(s.t.Context(), tenant, tenant)
	require.NoError(s.t, err)
	by := store.AuditEntry{TenantID: tenant, Actor: "test", Via: "operator", Action: "limits", Outcome: store.OutcomeOK}
	_, err = s.db.ChangeLimits(s.t.Context(), by, func(l *store.Limits) string { change(l); return "" })
	require.NoError(s.t, err)
}

// What the operator allows one tenant counts for that tenant, whether it is more or less than others may; all else is as configured.
func TestLimitsOfATenant_CountForItAlone(t *testing.T) {
	part := string(step(1000))
	s := guarded(t, func(p *parts) {
		p.change = func(c *api.Config) {
			c.Auth, c.RequestsPerSecond, c.MaxBytesOfTenant, c.MaxElements = api.AuthOn, 0, int64(4*len(part)+600), 100_000_000
		}
	})
	s.limits("small", func(l *store.Limits) {
		l.RequestsPerSecond, l.MaxQueued, l.MaxBytes = new(30), new(7), new(int64(len(part)+600))
	})
	s.limits("large", func(l *store.Limits) { l.MaxBytes, l.MaxElements = new(int64(0)), new(int64(1000)) })
	small, large, plain := s.as(first(s.key("small", auth.Write))), s.as(first(s.key("large", auth.Write))), s.as(first(s.key("plain", auth.Write)))
	asked := small.get("/v1/pool")
	require.Equal(t, `"requests";q=150;w=5`, asked.header.Get("RateLimit-Policy"))
	require.Equal(t, 7, decode[types.Pool](asked, 200).Queue.LimitOfTenant)
	require.Empty(t, plain.get("/v1/session").header.Get("RateLimit-Policy"))
	for _, who := range []*service{large, plain} {
		mesh := fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"max": 0.5}}}`, who.imported().ID)
		if who == large {
			require.Contains(t, who.post("/v1/meshes", mesh).problem(422, "too_large").Detail, "1e+03 are allowed")
			continue
		}
		require.Equal(t, 202, who.post("/v1/meshes", mesh).status)
	}
	took := func(who *service) (files int) { // until it is refused, or for long enough
		for files < 6 {
			if a := who.upload(field{"file", "a.step", part}); a.status != 201 {
				a.problem(403, types.CodeStorageFull)
				break
			}
			files++
		}
		return files
	}
	require.Equal(t, []int{1, 3, 6}, []int{took(small), took(plain), took(large)})
}

func first[A, B any](a A, _ B) A { return a }
