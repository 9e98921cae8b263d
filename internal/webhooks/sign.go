package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"meshgen/internal/store"
)

// secretMark begins a secret of Standard Webhooks, as their libraries take it.
const secretMark = "whsec_"

// TenantSecret returns what the deliveries of a tenant are signed with, made from the secret of the installation.
func (c Config) TenantSecret(tenant string) string {
	return secretMark + base64.StdEncoding.EncodeToString(c.key(tenant))
}

// EndpointSecret returns what the deliveries for an endpoint of a tenant are signed with.
func (c Config) EndpointSecret(tenant, endpoint string) string {
	return secretMark + base64.StdEncoding.EncodeToString(c.key(tenant+" for "+endpoint))
}

// keyOf returns what a delivery is signed with.
func (c Config) keyOf(d store.Delivery) []byte {
	if d.EndpointID != "" {
		return c.key(d.TenantID + " for " + d.EndpointID)
	}
	return c.key(d.TenantID)
}

func (c Config) key(tenant string) []byte {
	m := hmac.New(sha256.New, []byte(c.Secret))
	m.Write([]byte("webhooks of " + tenant))
	return m.Sum(nil)
}

// sign returns the header webhook-signature.
func sign(key []byte, id string, at time.Time, payload string) string {
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%d.%s", id, at.Unix(), payload)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}
