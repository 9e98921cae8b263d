package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func loopback() *Fetcher {
	return New(Config{Fetch: "on", HTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, TimeLimit: time.Minute})
}

func TestServerThatSendsNothingMore_IsLeft(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	f := loopback()
	f.idle = 50 * time.Millisecond
	file, err := f.Open(t.Context(), "acme", server.URL)
	require.NoError(t, err)
	_, err = io.ReadAll(file)
	require.Equal(t, Failed("broke off before its end: nothing came for 50ms"), err)
	file.Close()
	require.Empty(t, f.places.held)
}

// What becomes of a file that is here takes its time, and no place.
func TestFileThatIsWhole_GivesItsPlaceBack(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "whole") }))
	t.Cleanup(server.Close)
	f := loopback()
	for range Share + 1 {
		file, err := f.Open(t.Context(), "acme", server.URL)
		require.NoError(t, err)
		t.Cleanup(file.Close)
		require.Len(t, f.places.held["acme"], 1)
		content, err := io.ReadAll(file)
		require.NoError(t, err)
		require.Equal(t, "whole", string(content))
		require.Empty(t, f.places.held)
		file.Close()
		require.Zero(t, f.places.all, "given back once")
	}
	half, err := f.Open(t.Context(), "acme", server.URL)
	require.NoError(t, err)
	half.Close()
	require.Zero(t, f.places.all)
}

func TestCertificateThatNobodyTrusts_IsNamed(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err := loopback().Open(t.Context(), "acme", server.URL)
	require.Equal(t, Failed("its certificate is not one for that name that is valid here"), err)
}
