package outward

import (
	"encoding/hex"
	"net"
	"net/netip"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzCheck makes sure that an address which passes names a web server, and nothing of this network where it is a number.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"https://example.com/hook?a=b", "http://127.0.0.1/", "http://[::1]:80/", "http://[::ffff:10.0.0.1]/", "http://[fe80::1%25eth0]/", "http://user@8.8.8.8/",
		"https://[64:ff9b::7f00:1]/", "http://2130706433/", "http://0x7f.1/", "http:8.8.8.8", "https://8.8.8.8:99999/", "http://８.8.8.8/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if (Rule{HTTP: true}).Check(text) != nil {
			return
		}
		u, err := url.Parse(text)
		require.NoError(t, err)
		require.Contains(t, []string{"http", "https"}, u.Scheme)
		require.NotEmpty(t, u.Hostname())
		require.Nil(t, u.User)
		if ip := net.ParseIP(u.Hostname()); ip != nil {
			require.False(t, ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified(), text)
		}
	})
}

// FuzzPermits makes sure that an IPv4 address is told alike in each of the ways in which IPv6 can carry it.
func FuzzPermits(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{8, 8, 8, 8})
	f.Add([]byte{0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Add([]byte{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		addr, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		permitted := Rule{}.permits(addr)
		require.Equal(t, permitted, Rule{}.permits(netip.AddrFrom16(addr.As16())))
		require.Equal(t, permitted, Rule{}.permits(addr.WithZone("eth0")))
		if addr = addr.Unmap(); addr.Is4() {
			// Stateless translation, NAT64 by its known and its local prefix, 6to4 and the compatible form of old: where a network has
			// such a way, it leads to that IPv4 address, so none is gone.
			v4 := addr.As4()
			for _, form := range []struct{ before, after string }{
				{"00000000000000000000ffff", ""}, {"0000000000000000ffff0000", ""}, {"0064ff9b0000000000000000", ""}, {"0064ff9b0001000000000000", ""},
				{"2002", "00000000000000000001"}, {"000000000000000000000000", ""}, {"20010000000000000000ffff", ""},
			} {
				text := form.before + hex.EncodeToString(v4[:]) + form.after
				within, err := hex.DecodeString(text)
				require.NoError(t, err)
				carried, ok := netip.AddrFromSlice(within)
				require.True(t, ok, text)
				if carried.Is4In6() {
					require.Equal(t, permitted, Rule{}.permits(carried), carried)
				} else {
					require.False(t, Rule{}.permits(carried), carried)
				}
			}
		} else if raw[0]>>5 != 1 {
			require.False(t, permitted, "%s is not given out", addr)
		}
		if ip := net.IP(raw); ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
			require.False(t, permitted, addr)
		}
	})
}
