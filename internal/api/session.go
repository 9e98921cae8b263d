package api

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
)

// The page keeps no key: it trades one for a cookie that no script can read, and that the browser sends to us alone, from our
// own pages alone (SameSite=Strict). What changes something needs a header beside it, which a form of another site cannot
// send, and crossOrigin refuses requests that browsers say come from elsewhere.
const (
	// secureCookie goes over HTTPS only, and to this very host only.
	secureCookie = "__Host-meshgen"
	// plainCookie is for this machine, where there is no HTTPS.
	plainCookie = "meshgen"
	// pageHeader is what only our own page's scripts can add to a request.
	pageHeader = "X-Meshgen-Page"
)

func (s *Server) addSession() {
	tags := []string{tagKeys}
	add(s, huma.Operation{
		OperationID: "log-in", Method: http.MethodPost, Path: "/v1/session", Tags: tags, Metadata: needs(public),
		Summary: "Log a browser in",
		Description: "Trades an API key for a cookie that scripts cannot read. The session may do what the key may, and ends with it. " +
			"Programs need none: they send the key with each request.",
		DefaultStatus: http.StatusCreated, Errors: []int{401, 409, 422},
	}, s.logIn)
	add(s, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/v1/session", Tags: tags,
		Summary: "See who asks", Description: "The tenant and the scope of the key or the cookie that came with the request.",
	}, s.getSession)
	add(s, huma.Operation{
		OperationID: "log-out", Method: http.MethodDelete, Path: "/v1/session", Tags: tags, Metadata: needs(auth.Read),
		Summary: "Log a browser out", Description: "Ends the session of the cookie.",
	}, s.logOut)
}

// withRequest gives a handler of huma the request.
type withRequest struct {
	request *http.Request
}

// Resolve keeps the request.
func (w *withRequest) Resolve(ctx huma.Context) []error {
	w.request, _ = humachi.Unwrap(ctx)
	return nil
}

// sessionToken returns the token in the cookie of a request.
func sessionToken(r *http.Request) (auth.Token, bool) {
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return "", false
	}
	return auth.Token(cookie.Value), true
}

// cookieName returns what the cookie is called: without HTTPS there is a session on this machine only.
func cookieName(r *http.Request) string {
	if loopback(hostOf(r)) {
		return plainCookie
	}
	return secureCookie
}

// hostOf returns the host that a request speaks to, without the port.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return strings.Trim(r.Host, "[]")
}

func cookie(r *http.Request, value string, until time.Time) http.Cookie {
	name := cookieName(r)
	return http.Cookie{
		Name: name, Value: value, Path: "/", Expires: until,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: name == secureCookie,
	}
}

type logInInput struct {
	withRequest
	Body types.Login
}

type logInOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      types.Session
}

func (s *Server) logIn(ctx context.Context, in *logInInput) (*logInOutput, error) {
	if s.cfg.Auth == AuthOff {
		return nil, refuse(http.StatusConflict, types.CodeNoLogin, "This service asks for no key, so there is nothing to log in to.")
	}
	found, err := s.login(ctx, in.Body.Key)
	if err != nil {
		return nil, err
	}
	token := auth.NewToken()
	until, err := s.db.OpenSession(ctx, found.TenantID, found.ID, token.Hash(), s.cfg.SessionLife)
	if err != nil {
		return nil, err
	}
	caller := keyCallerOf(found)
	noteOf(ctx).caller = caller
	body, err := s.session(ctx, caller, "cookie")
	body.ExpiresAt = &until
	return &logInOutput{SetCookie: cookie(in.request, string(token), until), Body: body}, err
}

func (s *Server) session(ctx context.Context, caller auth.Caller, by string) (types.Session, error) {
	t, err := s.db.Tenant(ctx, caller.Tenant)
	return types.Session{By: by, Tenant: t.ID, TenantName: t.Name, Scope: string(caller.Scope), Actor: caller.Actor}, err
}

type sessionOutput struct{ Body types.Session }

func (s *Server) getSession(ctx context.Context, _ *struct{}) (*sessionOutput, error) {
	caller := callerOf(ctx)
	by := "key"
	switch {
	case s.cfg.Auth == AuthOff:
		by = "nothing"
	case caller.Browser:
		by = "cookie"
	case caller.Token:
		by = "token"
	}
	body, err := s.session(ctx, caller, by)
	if caller.Token {
		body.ExpiresAt = &caller.Until
	}
	return &sessionOutput{body}, err
}

type logOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) logOut(ctx context.Context, in *struct{ withRequest }) (*logOutOutput, error) {
	if token, there := sessionToken(in.request); there && callerOf(ctx).Browser {
		if err := s.db.CloseSession(ctx, tenant(ctx), token.Hash()); err != nil {
			return nil, err
		}
	}
	return &logOutOutput{cookie(in.request, "", time.Unix(1, 0))}, nil
}
