package queue

import (
	"testing"

	"github.com/redis/go-redis/v9"
)

// FuzzEvents makes sure that whatever is in Redis is an event or an error.
func FuzzEvents(f *testing.F) {
	f.Add("7\n6\nstatus\n1700000000000\nmsh_1\n{\"a\":\n1}", "7-0")
	f.Add("\n\n\n\n\n", "x-y")
	f.Fuzz(func(t *testing.T, payload, entry string) {
		e, err := parseMessage(payload)
		if err != nil && e.Data != nil {
			t.Fatalf("an error and an event: %v", e)
		}
		_, _ = parseEntries([]redis.XMessage{{ID: entry, Values: map[string]any{fieldPrevious: payload, fieldAt: entry, fieldData: 3}}})
	})
}
