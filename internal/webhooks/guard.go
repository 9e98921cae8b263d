package webhooks

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
)

// ErrForbidden says that an address is not of the public internet, and not allowed.
var ErrForbidden = errors.New("the address is not of the public internet")

// reserved are networks that no stranger's webhook has any business with, beyond those that net/netip knows. In those that hold an
// IPv4 address within, that might be any.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// permits reports whether an address may be spoken to.
func (c Config) permits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(addr) }
	if slices.ContainsFunc(c.Allow, holds) {
		return true
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !slices.ContainsFunc(reserved, holds)
}

// control is asked before each connection, when it is known which address the name has: a name that had another when it was looked
// at has nothing from that.
func (c Config) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !c.permits(at.Addr()) {
		return fmt.Errorf("%w: %s", ErrForbidden, at.Addr())
	}
	return nil
}

// CheckURL says what is wrong with an address to be told, as far as that can be seen without asking anybody.
func (c Config) CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return errors.New("must be the address of a web server")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must begin with https:// or http://")
	case u.User != nil:
		return errors.New("must not hold a name or password: check the signature instead")
	case u.Fragment != "":
		return errors.New("must not have a fragment")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !c.permits(addr) {
		return ErrForbidden
	}
	return nil
}

func (c Config) dialer() *net.Dialer { return &net.Dialer{Timeout: c.Timeout, Control: c.control} }
