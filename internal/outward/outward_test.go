package outward

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A proxy would be the one that connects, and its look at the address not ours. http.ProxyFromEnvironment leaves loopback out, so that no
// server of a test can show it: what is looked at is that none is asked for.
func TestClient_UsesNoProxyAndFollowsNothing(t *testing.T) {
	c := Rule{}.Client(time.Second)
	require.Nil(t, c.Transport.(*http.Transport).Proxy)
	require.ErrorIs(t, c.CheckRedirect(nil, nil), http.ErrUseLastResponse)
	require.Nil(t, c.Jar)
}
