package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/oidc"
	"meshgen/internal/store"
)

// public is the scope of an operation that anybody may call.
const public auth.Scope = "public"

// metaScope names an operation's scope among its metadata, where it is not that of its method.
const metaScope = "scope"

// needs marks an operation with the scope that it asks for.
func needs(scope auth.Scope) map[string]any { return map[string]any{metaScope: scope} }

// scopeOf returns what an operation asks for: to read what is asked for with GET, to write for all else, unless it is marked.
func scopeOf(op huma.Operation) auth.Scope {
	if scope, marked := op.Metadata[metaScope].(auth.Scope); marked {
		return scope
	}
	if op.Method == http.MethodGet {
		return auth.Read
	}
	return auth.Write
}

// secure has an operation's caller known and allowed before anything else is looked at, and says so in the document.
func (s *Server) secure(op *huma.Operation) {
	scope := scopeOf(*op)
	op.Security = security(scope)
	if scope == public {
		return
	}
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		r, w := humachi.Unwrap(ctx)
		admitted, err := s.enter(w, r, scope)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next(huma.WithContext(ctx, admitted))
	})
}

// security is how a document says that a scope is needed.
func security(scope auth.Scope) []map[string][]string {
	switch scope {
	case public:
		return []map[string][]string{}
	case shared:
		return []map[string][]string{{schemeShare: {}}}
	}
	return []map[string][]string{{schemeKey: {string(scope)}}, {schemeCookie: {string(scope)}}}
}

// secured is secure for a handler that huma does not know.
func (s *Server) secured(scope auth.Scope, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, err := s.enter(w, r, scope)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		handle(w, r.WithContext(ctx))
	}
}

// enter lets in a request of somebody who may, as long as they do not send too many. What it returns knows the tenant.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, scope auth.Scope) (context.Context, error) {
	ctx, err := s.admit(r, scope)
	if err != nil {
		return nil, err
	}
	return ctx, s.paced(ctx, w, callerOf(ctx))
}

// admit finds out who sends a request, and whether they may. What it returns knows the tenant.
func (s *Server) admit(r *http.Request, scope auth.Scope) (context.Context, error) {
	find := s.caller
	if scope == shared {
		find = s.visitor
	}
	caller, err := find(r)
	if err != nil {
		return nil, err
	}
	noteOf(r.Context()).caller = caller
	if caller.Browser && !safeMethod(r.Method) && r.Header.Get(pageHeader) == "" {
		return nil, refuse(http.StatusForbidden, types.CodeCrossOrigin,
			"A request with the page's cookie that changes something has to carry the header "+pageHeader+".")
	}
	if scope != shared && !caller.Scope.Includes(scope) {
		return nil, refuse(http.StatusForbidden, types.CodeForbidden,
			fmt.Sprintf("This needs the scope %s; the key has %s.", scope, caller.Scope))
	}
	return context.WithValue(store.ForTenant(r.Context(), caller.Tenant), keyCaller, caller), nil
}

func safeMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// caller finds out who sends a request. The header Authorization counts before a cookie. Postgres is asked each time, by an
// index: a key that is revoked is refused from then on, whichever process has revoked it.
func (s *Server) caller(r *http.Request) (auth.Caller, error) {
	if s.cfg.Auth == AuthOff {
		return auth.Anybody(store.DefaultTenant), nil
	}
	word, err := bearerWord(r)
	switch {
	case err != nil:
		return auth.Caller{}, err
	case auth.LooksLikeShare(word):
		return auth.Caller{}, refuse(http.StatusNotFound, types.CodeNotFound, "A share link shows its mesh, at /v1/shared, and nothing else.")
	case s.oidc != nil && oidc.LooksLikeToken(word):
		return s.bearer(r.Context(), word)
	case word != "":
		found, err := s.login(r.Context(), word)
		return keyCallerOf(found), err
	}
	token, there := sessionToken(r)
	if !there {
		return auth.Caller{}, unauthenticated("Send an API key: the header Authorization: Bearer msh_live_….")
	}
	found, err := s.db.LoginBySession(r.Context(), token.Hash())
	if errors.Is(err, store.ErrNotFound) {
		return auth.Caller{}, unauthenticated("The session is over. Log in again.")
	}
	caller := keyCallerOf(found)
	caller.Browser = true
	return caller, err
}

// bearerWord returns what the header Authorization says; "" where there is none.
func bearerWord(r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", nil
	}
	kind, word, _ := strings.Cut(header, " ")
	word = strings.TrimSpace(word)
	if !strings.EqualFold(kind, "Bearer") || word == "" {
		return "", unauthenticated("The header Authorization has to be: Bearer, a space, and the key.")
	}
	return word, nil
}

// bearer finds out who a token of the identity provider is of.
func (s *Server) bearer(ctx context.Context, word string) (auth.Caller, error) {
	who, err := s.oidc.Verify(ctx, word)
	caller := auth.Caller{Tenant: who.Tenant, Scope: who.Scope, Actor: "oidc:" + who.Subject, Token: true, Until: who.Until}
	var refused oidc.Refused
	var forbidden oidc.Forbidden
	switch {
	case errors.As(err, &refused):
		return auth.Caller{}, unauthenticated(refused.Error())
	case errors.As(err, &forbidden):
		return auth.Caller{}, refuse(http.StatusForbidden, types.CodeForbidden, forbidden.Error())
	case errors.Is(err, oidc.ErrAway):
		s.log.WarnContext(ctx, "a token could not be checked", "request_id", requestID(ctx), "error", err)
		return auth.Caller{}, retryAfter(refuse(http.StatusServiceUnavailable, types.CodeUnavailable,
			"The identity provider, which knows this token, cannot be reached. Try again in a moment."), "2")
	case err != nil:
		return auth.Caller{}, err
	}
	_, err = s.db.Tenant(ctx, caller.Tenant)
	if errors.Is(err, store.ErrNotFound) {
		return auth.Caller{}, refuse(http.StatusForbidden, types.CodeForbidden,
			fmt.Sprintf("The token is of the tenant %s, which this service does not have: its operator makes it.", caller.Tenant))
	}
	return caller, err
}

// login finds out whose key a word is.
func (s *Server) login(ctx context.Context, word string) (store.APIKey, error) {
	key, err := auth.ParseKey(word)
	if err != nil {
		return store.APIKey{}, unauthenticated("What was sent is not an API key. One begins with msh_live_ and is copied whole.")
	}
	found, err := s.db.LoginByKey(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		if claimed, err := s.db.KeyOfPrefix(ctx, key.Prefix()); err == nil {
			noteOf(ctx).caller = auth.Caller{Tenant: claimed.TenantID, Actor: claimed.ID} // its tenant is told that somebody tried
		}
		return store.APIKey{}, unauthenticated("The API key is not known: it is revoked, has expired, or is of another installation.")
	}
	return found, err
}

func keyCallerOf(k store.APIKey) auth.Caller {
	return auth.Caller{Tenant: k.TenantID, Scope: k.Scope, Actor: k.ID}
}

// unauthenticated returns the problem of a request of which it is not known who sends it.
func unauthenticated(detail string) error {
	return huma.ErrorWithHeaders(refuse(http.StatusUnauthorized, types.CodeUnauthenticated, detail),
		http.Header{"Www-Authenticate": {`Bearer realm="meshgen"`}})
}

// callerOf returns who asks.
func callerOf(ctx context.Context) auth.Caller {
	c, ok := ctx.Value(keyCaller).(auth.Caller)
	if !ok {
		panic("api: request of nobody")
	}
	return c
}

// tenant returns whose things are asked for. Every query takes it.
func tenant(ctx context.Context) string { return callerOf(ctx).Tenant }
