// Package outward speaks to web servers that strangers name, and to nothing of this network: each address that a name turns out to have is
// looked at before it is connected to, no redirect is followed, and no proxy of the environment stands between.
package outward

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden says that an address is not of the public internet, and not allowed.
var ErrForbidden = errors.New("the address is not of the public internet")

// global is what is given out of IPv6 (RFC 4291, 2.4). Everything else is for the ways within a network, translators of IPv4 among
// them, or for nobody yet.
var global = netip.MustParsePrefix("2000::/3")

// reserved are networks that nobody outside has any business with, beyond those that net/netip knows and, of IPv6, within global. In
// those that hold an IPv4 address within (Teredo in 2001::/23, 6to4), that might be any. 168.63.129.16 is Azure's own, in each of its machines.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// Rule says whom may be spoken to.
type Rule struct {
	// Allow are networks that may be spoken to though they are not of the public internet.
	Allow []netip.Prefix
	// HTTP lets addresses be without TLS.
	HTTP bool
}

// permits reports whether an address may be spoken to.
func (r Rule) permits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(addr) }
	if slices.ContainsFunc(r.Allow, holds) {
		return true
	}
	if addr.Is6() && !global.Contains(addr) {
		return false
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !slices.ContainsFunc(reserved, holds)
}

// control is asked before each connection, when it is known which address the name has: a name that had another when it was looked
// at has nothing from that.
func (r Rule) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !r.permits(at.Addr()) {
		return fmt.Errorf("%w: %s", ErrForbidden, at.Addr())
	}
	return nil
}

// Check says what is wrong with an address, as far as that can be seen without asking anybody.
func (r Rule) Check(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return errors.New("must be the address of a web server")
	case u.Scheme != "https" && !(r.HTTP && u.Scheme == "http"):
		if r.HTTP {
			return errors.New("must begin with https:// or http://")
		}
		return errors.New("must begin with https://")
	case u.User != nil:
		return errors.New("must not hold a name or password")
	case u.Fragment != "":
		return errors.New("must not have a fragment")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !r.permits(addr) {
		return ErrForbidden
	}
	return nil
}

// Client returns a client that keeps to the rule. Each wait for somebody else takes so long at most; what an answer takes as a whole is
// the caller's to bound.
func (r Rule) Client(wait time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: wait, Control: r.control}
	return &http.Client{
		// A connection of its own for each: none is kept open to a stranger.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true, TLSHandshakeTimeout: wait, ResponseHeaderTimeout: wait,
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Plain is what a stranger is told of an error: not which addresses a name has here.
func Plain(err error) string {
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, ErrForbidden):
		return ErrForbidden.Error()
	case errors.As(err, &certificate):
		return "its certificate is not one for that name that is valid here"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "no connection"
}
