package client

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Config says where the server is and how much of it is borne.
type Config struct {
	// Server is the address of the API, such as https://mesh.example.com. It may have a path.
	Server string `env:"MESHGEN_SERVER" envDefault:"http://localhost:8080"`
	// Patience is how long a server that is away is waited for before a call fails.
	Patience time.Duration `env:"MESHGEN_PATIENCE" envDefault:"10s"`
	// UserAgent names the program to the server.
	UserAgent string
	// Waiting is told why a call is about to be sent again, if set.
	Waiting func(error)
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var bad []error
	if u, err := url.Parse(c.Server); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		bad = append(bad, fmt.Errorf("MESHGEN_SERVER must be an address such as https://mesh.example.com (is %q)", c.Server))
	}
	if c.Patience < 0 {
		bad = append(bad, fmt.Errorf("MESHGEN_PATIENCE must not be negative (is %s)", c.Patience))
	}
	return errors.Join(bad...)
}
