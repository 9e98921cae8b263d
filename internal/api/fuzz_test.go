package api

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/humatest"
	"github.com/stretchr/testify/require"

	"meshgen/internal/id"
	"meshgen/internal/queue"
)

// FuzzCursor makes sure that a cursor is the id of a thing of the list's kind, or refused.
func FuzzCursor(f *testing.F) {
	_, next := cut([]string{id.New(id.Mesh), ""}, 1, func(s string) string { return s })
	for _, s := range []string{"", next, "bXNoXw", "====", "%00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := Paging{Limit: 50, Cursor: cursor}.page(id.Mesh)
		if err != nil || cursor == "" {
			require.Empty(t, p.After)
			return
		}
		require.True(t, id.Valid(id.Mesh, p.After))
		require.True(t, utf8.ValidString(p.After), "Postgres takes it")
		require.Len(t, base64.RawURLEncoding.EncodeToString([]byte(p.After)), len(strings.NewReplacer("\r", "", "\n", "").Replace(cursor)))
	})
}

// FuzzLastEventID makes sure that a stream goes on behind an id that can be one, or begins now.
func FuzzLastEventID(f *testing.F) {
	for _, s := range []string{"", "0", "12", "-1", "1e3", "99999999999999999999", "0x10", "9223372036854775807"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, header, query string) {
		r := httptest.NewRequest(http.MethodGet, "/?last_event_id="+url.QueryEscape(query), nil)
		r.Header.Set("Last-Event-ID", header)
		last := lastEventID(r)
		require.True(t, last >= 0 || last == queue.FromNow, "%d", last)
	})
}

// FuzzPrefer makes sure that no Prefer header has a request wait longer than it may.
func FuzzPrefer(f *testing.F) {
	for _, s := range []string{"wait=10", `respond-async, wait="3"; x=y`, "wait=99999999999", "wait=-1", ",,=;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Prefer", header)
		var p Prefer
		require.Empty(t, p.Resolve(humatest.NewContext(&huma.Operation{}, r, httptest.NewRecorder())))
		require.LessOrEqual(t, p.wait, longestWait)
		require.GreaterOrEqual(t, p.wait, 0*longestWait)
		require.Equal(t, p.given, p.applied() != "")
	})
}

// FuzzFilename makes sure that a name which is shown holds nothing that could deceive, and is not too long.
func FuzzFilename(f *testing.F) {
	for _, s := range []string{"bracket.step", `C:\parts\a.stp`, "../../etc/passwd", "a\x00b\u202egpj.exe", "...", strings.Repeat("ä", 300) + ".step", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := cleanFilename(name)
		require.NotEmpty(t, strings.Trim(clean, "."))
		require.LessOrEqual(t, len(clean), longestFilename)
		require.True(t, utf8.ValidString(clean), "%q", clean)
		require.Equal(t, -1, strings.IndexFunc(clean, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }), "%q", clean)
	})
}

// FuzzSender makes sure that what anybody says of where a request comes from counts as far as trusted proxies say it, and is an address.
func FuzzSender(f *testing.F) {
	for _, said := range []string{"", "192.0.2.1", "192.0.2.1, 10.0.0.2", "x, 10.0.0.2", "::ffff:192.0.2.1,10.0.0.3", "fe80::1%eth0, 10.0.0.2", ",,,", "10.0.0.9,10.0.0.8"} {
		f.Add("10.0.0.1:1234", said)
		f.Add("192.0.2.7:1", said)
	}
	proxies := netip.MustParsePrefix("10.0.0.0/8")
	f.Fuzz(func(t *testing.T, remote, said string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": strings.Split(said, "\n")}}
		sender := senderOf(r, []netip.Prefix{proxies})
		at, err := netip.ParseAddrPort(remote)
		if err != nil {
			require.Empty(t, sender)
			return
		}
		addr, err := netip.ParseAddr(sender)
		require.NoError(t, err)
		require.False(t, addr.Is4In6())
		require.True(t, utf8.ValidString(sender) && !strings.ContainsRune(sender, 0), "Postgres takes it")
		if !proxies.Contains(at.Addr().Unmap()) {
			require.Equal(t, at.Addr().Unmap(), addr, "nobody trusted says otherwise")
		}
		if addr != at.Addr().Unmap() {
			require.True(t, slices.ContainsFunc(strings.FieldsFunc(said, func(r rune) bool { return r == ',' || r == '\n' }), func(word string) bool {
				named, err := netip.ParseAddr(strings.TrimSpace(word))
				return err == nil && named.Unmap() == addr
			}), "somebody said it")
		}
	})
}
