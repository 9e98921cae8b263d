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

func TestCertificateThatNobodyTrusts_IsNamed(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err := loopback().Open(t.Context(), "acme", server.URL)
	require.Equal(t, Failed("its certificate is not one for that name that is valid here"), err)
}
