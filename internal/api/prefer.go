package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// longestWait keeps an answer below the time limits of CDNs and load balancers.
const longestWait = 25 * time.Second

// Prefer is the Prefer header (RFC 7240), of which wait is honoured.
type Prefer struct {
	Header string `header:"Prefer" doc:"wait=N answers when the work has ended, after N seconds (25 at most) at the latest" example:"wait=10"`

	wait  time.Duration
	given bool
}

// Resolve reads every Prefer header that came. Preferences that are not understood are ignored, as the RFC has it.
func (p *Prefer) Resolve(ctx huma.Context) []error {
	ctx.EachHeader(func(name, value string) {
		if !strings.EqualFold(name, "Prefer") {
			return
		}
		for preference := range strings.SplitSeq(value, ",") {
			preference, _, _ = strings.Cut(preference, ";") // parameters of the preference
			name, value, _ := strings.Cut(preference, "=")
			if p.given || !strings.EqualFold(strings.TrimSpace(name), "wait") {
				continue
			}
			n, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 31)
			if err == nil {
				p.given, p.wait = true, min(time.Duration(n)*time.Second, longestWait)
			}
		}
	})
	return nil
}

// applied is the value of Preference-Applied; empty if nothing was preferred.
func (p *Prefer) applied() string {
	if !p.given {
		return ""
	}
	return "wait=" + strconv.Itoa(int(p.wait/time.Second))
}
