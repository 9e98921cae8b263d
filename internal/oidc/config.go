package oidc

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
)

// Config says whose tokens are taken, and what in them says who may what.
type Config struct {
	// Issuer whose tokens (JWT) are taken beside API keys, as its tokens and its /.well-known/openid-configuration name it, such as
	// https://login.example.com/realms/acme. Empty for none.
	Issuer string `env:"MESHGEN_OIDC_ISSUER"`
	// Audience that a token has to be meant for.
	Audience string `env:"MESHGEN_OIDC_AUDIENCE"`
	// TenantClaim is the claim that names the tenant, by its id.
	TenantClaim string `env:"MESHGEN_OIDC_TENANT_CLAIM" envDefault:"meshgen_tenant"`
	// ScopeClaim is the claim that holds the scopes, as words or a list: meshgen:read, meshgen:write or meshgen:admin; others are ignored.
	ScopeClaim string `env:"MESHGEN_OIDC_SCOPE_CLAIM" envDefault:"scope"`
}

// Enabled reports whether tokens are taken.
func (c Config) Enabled() bool { return c.Issuer != "" }

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if !c.Enabled() {
		return nil
	}
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fmt.Errorf("MESHGEN_OIDC_ISSUER must be an https address (is %q)", c.Issuer)
	}
	if c.Audience == "" {
		return errors.New("MESHGEN_OIDC_AUDIENCE is needed: else tokens that were made for other services would be taken")
	}
	if c.TenantClaim == "" || c.ScopeClaim == "" {
		return errors.New("MESHGEN_OIDC_TENANT_CLAIM and MESHGEN_OIDC_SCOPE_CLAIM must not be empty")
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
