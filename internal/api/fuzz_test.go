package api

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
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
