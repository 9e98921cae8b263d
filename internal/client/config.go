package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Config says where the server is and how much of it is borne.
type Config struct {
	// Server is the address of the API, such as https://mesh.example.com. It may have a path.
	Server string `env:"MESHGEN_SERVER" envDefault:"http://localhost:8080"`
	// APIKey says who asks, where the server wants to know.
	APIKey APIKey `env:"MESHGEN_API_KEY"`
	// Patience is how long a server that is away is waited for before a call fails.
	Patience time.Duration `env:"MESHGEN_PATIENCE" envDefault:"10s"`
	// UserAgent names the program to the server.
	UserAgent string
	// Waiting is told why a call is about to be sent again, if set.
	Waiting func(error)
}

// APIKey is a key that is printed nowhere.
type APIKey string

// String keeps the key out of logs.
func (APIKey) String() string { return "(key)" }

// GoString keeps the key out of logs.
func (k APIKey) GoString() string { return k.String() }

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var bad []error
	if u, err := url.Parse(c.Server); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		bad = append(bad, fmt.Errorf("MESHGEN_SERVER must be an address such as https://mesh.example.com (is %q)", c.Server))
	}
	if c.Patience < 0 {
		bad = append(bad, fmt.Errorf("MESHGEN_PATIENCE must not be negative (is %s)", c.Patience))
	}
	if strings.ContainsFunc(string(c.APIKey), func(r rune) bool { return r <= ' ' || r > '~' }) {
		bad = append(bad, errors.New("MESHGEN_API_KEY must be one word"))
	}
	return errors.Join(bad...)
}
