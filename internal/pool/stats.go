package pool

import (
	"maps"
	"slices"
	"time"

	"meshgen/internal/engine"
)

// State is where an engine stands.
type State string

// The states of an engine.
const (
	Starting State = "starting" // loading, not yet ready
	Warm     State = "warm"     // ready, waiting for a request
	Busy     State = "busy"     // lent to a request
	Dying    State = "dying"    // killed, not yet reaped
	// Speculating is an engine that makes what nobody asked for yet; it is anybody's as a warm one is.
	Speculating State = "speculating"
)

// Cause says why an engine was replaced.
type Cause string

// The causes for which engines are replaced.
const (
	CauseJobs     Cause = "jobs"     // served as many requests as one engine may
	CauseRSS      Cause = "rss"      // grew too large
	CauseTainted  Cause = "tainted"  // said itself that it cannot be trusted any more
	CauseTenant   Cause = "tenant"   // made room for another tenant's fresh engine
	CauseIdle     Cause = "idle"     // was asked for nothing for as long as it may keep parts
	CauseWanted   Cause = "wanted"   // taken back for another request from one that had it for as long as it was idle
	CauseCrash    Cause = "crash"    // died
	CauseKilled   Cause = "killed"   // killed during a request: canceled, or over its time or memory
	CauseProtocol Cause = "protocol" // talked garbage
)

// Causes lists the causes, for metrics that should exist before they count.
var Causes = []Cause{CauseJobs, CauseRSS, CauseTainted, CauseTenant, CauseIdle, CauseWanted, CauseCrash, CauseKilled, CauseProtocol}

// Stats is the pool at one moment, and its counters since Start.
type Stats struct {
	Capacity       int           `json:"capacity" doc:"requests that can run at once"`
	Spares         int           `json:"spares" doc:"engines kept ready beside those"`
	Engines        []EngineStats `json:"engines"`
	Waiting        int           `json:"waiting" doc:"requests that wait for an engine"`
	Started        int           `json:"started" doc:"engines that became ready"`
	StartFailures  int           `json:"start_failures" doc:"engines that did not"`
	LastStartError string        `json:"last_start_error,omitempty" doc:"why the latest start failed; empty once one succeeded"`
	Crashes        int           `json:"crashes" doc:"engines that died by themselves"`
	Recycled       map[Cause]int `json:"recycled" doc:"engines replaced, by cause"`

	Speculations SpeculationStats `json:"speculations" doc:"curves and faces that were meshed before anybody asked"`
}

// EngineStats is one engine at one moment.
type EngineStats struct {
	PID           int       `json:"pid"`
	State         State     `json:"state" enum:"starting,warm,speculating,busy,dying"`
	Since         time.Time `json:"since" doc:"when it entered the state"`
	Started       time.Time `json:"started"`
	Jobs          int       `json:"jobs" doc:"requests it was given"`
	RSS           int64     `json:"rss" doc:"resident bytes"`
	Tenant        string    `json:"tenant,omitempty" doc:"whose parts it keeps"`
	Kept          int       `json:"kept" doc:"parts that it keeps"`
	KeptBytes     int64     `json:"kept_bytes" doc:"what these take"`
	GmshVersion   string    `json:"gmsh_version,omitempty"`
	EngineVersion string    `json:"engine_version,omitempty"`
}

// Stats returns the pool at this moment.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{
		Capacity: p.cfg.Engines, Spares: p.cfg.Spares, Waiting: len(p.waiters), Engines: []EngineStats{},
		Started: p.ready, StartFailures: p.startFailures, Crashes: p.crashes, Recycled: maps.Clone(p.recycled),
		Speculations: p.speculated,
	}
	if p.startError != nil {
		s.LastStartError = p.startError.Error()
	}
	for c := range p.children {
		e := EngineStats{State: c.state, Since: c.since, Started: c.started, Jobs: c.jobs, PID: c.number()}
		if c.inUse() {
			e.RSS = rss(e.PID)
			e.Tenant, e.Kept, e.KeptBytes = c.tenant, len(c.kept), c.keptBytes()
			e.GmshVersion, e.EngineVersion = c.hello.GmshVersion, c.hello.EngineVersion
		}
		s.Engines = append(s.Engines, e)
	}
	slices.SortFunc(s.Engines, func(a, b EngineStats) int { return a.Started.Compare(b.Started) })
	return s
}

// inUse reports whether an engine can serve, or does.
func (c *child) inUse() bool { return c.state == Warm || c.state == Speculating || c.state == Busy }

// Kept returns the parts that engines keep, by tenant.
func (p *Pool) Kept() map[string][]engine.Kept {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := map[string][]engine.Kept{}
	for c := range p.children {
		select {
		case <-c.gone: // with all that it kept; it is not in the books yet
			continue
		default:
		}
		if len(c.kept) > 0 && c.inUse() {
			kept[c.tenant] = append(kept[c.tenant], c.kept...)
		}
	}
	return kept
}

// Keep is how many bytes of parts each engine may keep.
func (p *Pool) Keep() int64 { return int64(p.cfg.Keep) }
