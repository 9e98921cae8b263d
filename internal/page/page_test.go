package page_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"meshgen/internal/page"
)

func built() fstest.MapFS {
	return fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html><title>Meshgen</title>")},
		"icon.svg":             {Data: []byte("<svg/>")},
		"assets/index-abc.js":  {Data: []byte(strings.Repeat("let meshes = 1;\n", 100))},
		"assets/index-abc.css": {Data: []byte("body{}")},
	}
}

func get(t *testing.T, p *page.Page, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result()
}

func TestPage_ServesItsFilesAndItselfForEveryOtherPath(t *testing.T) {
	p, err := page.New(built(), "http://localhost:7070")
	require.NoError(t, err)

	for _, path := range []string{"/", "/index.html", "/parts/geo_1/msh_2", "/no/such"} {
		r := get(t, p, path)
		body, _ := io.ReadAll(r.Body)
		require.Equal(t, http.StatusOK, r.StatusCode, path)
		require.Contains(t, string(body), "<title>Meshgen", path)
		require.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
		require.Equal(t, "no-cache", r.Header.Get("Cache-Control"), "a new version is seen at once")
		require.Contains(t, r.Header.Get("Content-Security-Policy"), "connect-src 'self' http://localhost:7070;")
		require.NotContains(t, r.Header.Get("Content-Security-Policy"), "script-src 'self' 'unsafe")
	}
	r := get(t, p, "/assets/index-abc.js")
	require.Contains(t, r.Header.Get("Cache-Control"), "immutable")
	require.Equal(t, "text/javascript; charset=utf-8", r.Header.Get("Content-Type"))
	require.Equal(t, http.StatusNotFound, get(t, p, "/assets/index-old.js").StatusCode, "the page is no script")
	require.Equal(t, http.StatusOK, get(t, p, "/../../etc/passwd").StatusCode, "shows the page, not a file")
}

func TestPage_IsCompressedForWhoTakesIt(t *testing.T) {
	p, err := page.New(built())
	require.NoError(t, err)
	r := get(t, p, "/assets/index-abc.js", "Accept-Encoding", "gzip, br")
	require.Equal(t, "gzip", r.Header.Get("Content-Encoding"))
	z, err := gzip.NewReader(r.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Len(t, body, 1600)
	require.Empty(t, get(t, p, "/assets/index-abc.js").Header.Get("Content-Encoding"))
	require.Empty(t, get(t, p, "/icon.svg", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"), "it would gain nothing")
}

func TestFolderThatIsNoPage_IsRefusedAtStart(t *testing.T) {
	_, err := page.New(fstest.MapFS{"readme.txt": {}})
	require.ErrorContains(t, err, "npm run build")
	odd := built()
	odd["id_rsa"] = &fstest.MapFile{}
	_, err = page.New(odd)
	require.ErrorContains(t, err, "id_rsa")
}
