package webhooks

import (
	"errors"
	"net/netip"
	"time"

	"meshgen/internal/auth"
	"meshgen/internal/outward"
)

// Config says whether and how webhooks are sent.
type Config struct {
	// Secret of the installation, from which the secrets of tenants are made; 32 characters or more. Without it there are no webhooks.
	Secret auth.Secret `env:"MESHGEN_WEBHOOK_SECRET"`
	// Allow are networks that may be told though they are not of the public internet, such as 10.1.0.0/16.
	Allow []netip.Prefix `env:"MESHGEN_WEBHOOK_ALLOW"`
	// Timeout of an attempt.
	Timeout time.Duration `env:"MESHGEN_WEBHOOK_TIMEOUT" envDefault:"10s"`
}

func (c Config) rule() outward.Rule { return outward.Rule{Allow: c.Allow, HTTP: true} }

// CheckURL says what is wrong with an address to be told, as far as that can be seen without asking anybody.
func (c Config) CheckURL(text string) error { return c.rule().Check(text) }

// Enabled reports whether webhooks are sent.
func (c Config) Enabled() bool { return c.Secret != "" }

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Secret != "" && len(c.Secret) < 32 {
		return errors.New("MESHGEN_WEBHOOK_SECRET must have 32 characters or more")
	}
	if c.Timeout <= 0 {
		return errors.New("MESHGEN_WEBHOOK_TIMEOUT must be positive")
	}
	return nil
}
