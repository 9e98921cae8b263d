package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// senderOf returns the address that a request came from, "" if there is none. What proxies say of it in X-Forwarded-For is believed from
// the end on, as far as those who say it are trusted: anybody may send the header.
func senderOf(r *http.Request, trusted []netip.Prefix) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	sender := at.Addr().Unmap()
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, before := range slices.Backward(said) {
		if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(sender) }) {
			break
		}
		addr, err := netip.ParseAddr(strings.TrimSpace(before))
		if err != nil {
			break
		}
		sender = addr.Unmap()
	}
	return sender.String()
}
