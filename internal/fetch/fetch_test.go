package fetch

import (
	"fmt"
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

func TestPlaces_AreOfTenantsAndOfAll(t *testing.T) {
	f := loopback()
	var held []func()
	for n := range atOnce {
		give, err := f.take(fmt.Sprint(n / Share))
		require.NoError(t, err)
		held = append(held, give)
	}
	_, err := f.take("0")
	require.ErrorIs(t, err, ErrShare)
	_, err = f.take("another")
	require.ErrorIs(t, err, ErrBusy)
	for _, give := range held {
		give()
	}
	require.Empty(t, f.taken)
	give, err := f.take("0")
	require.NoError(t, err)
	give()
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
	require.Empty(t, f.taken)
}

func TestCertificateThatNobodyTrusts_IsNamed(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err := loopback().Open(t.Context(), "acme", server.URL)
	require.Equal(t, Failed("its certificate is not one for that name that is valid here"), err)
}
