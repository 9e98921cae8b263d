package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// secretMark begins a secret of Standard Webhooks, as their libraries take it.
const secretMark = "whsec_"

// TenantSecret returns what the deliveries of a tenant are signed with, made from the secret of the installation.
func (c Config) TenantSecret(tenant string) string {
	return secretMark + base64.StdEncoding.EncodeToString(c.key(tenant))
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
