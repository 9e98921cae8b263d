package types

import (
	"time"

	"meshgen/internal/engine"
)

// Pool is who works and how much waits.
type Pool struct {
	Workers []Worker `json:"workers" doc:"workers that reported themselves in the last 15 seconds"`
	Queue   Queue    `json:"queue"`
}

// Worker is what a worker says of itself.
type Worker struct {
	ID      string       `json:"id"`
	Host    string       `json:"host"`
	PID     int          `json:"pid"`
	Started time.Time    `json:"started"`
	CPUs    int          `json:"cpus"`
	Threads int          `json:"threads" doc:"threads of one job"`
	Device  string       `json:"device" doc:"cpu, or the GPU that its engines hold"`
	Engine  engine.Ready `json:"engine" doc:"versions and build options"`
	Pool    Engines      `json:"pool"`
	Claims  Claims       `json:"claims" doc:"meshes that it took since it started, by where their part was"`
}

// Claims counts meshes by where their part was when a worker took them.
type Claims struct {
	Here      int `json:"here" doc:"the worker kept it itself"`
	Elsewhere int `json:"elsewhere" doc:"others did, and did not come for the mesh in time"`
	Nowhere   int `json:"nowhere" doc:"nobody did"`
}

// Engines are the engines of a worker, and its counters since it started.
type Engines struct {
	Capacity       int            `json:"capacity" doc:"requests that can run at once"`
	Spares         int            `json:"spares" doc:"engines kept ready beside those"`
	Engines        []Engine       `json:"engines"`
	Waiting        int            `json:"waiting" doc:"requests that wait for an engine"`
	Started        int            `json:"started" doc:"engines that became ready"`
	StartFailures  int            `json:"start_failures" doc:"engines that did not"`
	LastStartError string         `json:"last_start_error,omitempty" doc:"why the latest start failed; absent once one succeeded"`
	Crashes        int            `json:"crashes" doc:"engines that died by themselves"`
	Recycled       map[string]int `json:"recycled" doc:"engines replaced, by cause"`
	Speculations   Speculations   `json:"speculations" doc:"curves and faces that were meshed before anybody asked"`
}

// Speculations counts what engines did before anybody asked.
type Speculations struct {
	Begun   int     `json:"begun" doc:"speculations that were begun"`
	Used    int     `json:"used" doc:"meshes whose curves and faces were there already"`
	Dropped int     `json:"dropped" doc:"speculations that were given up, mostly for a request"`
	Failed  int     `json:"failed" doc:"speculations that failed, by the death of their engine too"`
	Seconds float64 `json:"seconds" doc:"wall time of all that ended"`
}

// Engine is an engine process.
type Engine struct {
	PID           int       `json:"pid"`
	State         string    `json:"state" enum:"starting,warm,speculating,busy,dying"`
	Since         time.Time `json:"since" doc:"when it entered the state"`
	Started       time.Time `json:"started"`
	Jobs          int       `json:"jobs" doc:"requests it was given"`
	RSS           int64     `json:"rss" doc:"resident bytes"`
	Kept          int       `json:"kept" doc:"geometries of yours that it holds in memory; those of others do not count"`
	KeptBytes     int64     `json:"kept_bytes" doc:"what these take"`
	GmshVersion   string    `json:"gmsh_version,omitempty"`
	EngineVersion string    `json:"engine_version,omitempty"`
}

// Queue is how much work there is.
type Queue struct {
	Queued        int     `json:"queued" doc:"jobs ready to be claimed"`
	Waiting       int     `json:"waiting" doc:"jobs that wait for an import, or for the time of a retry"`
	Running       int     `json:"running" doc:"jobs being worked on"`
	OldestSeconds float64 `json:"oldest_seconds" doc:"age of the job that has been ready longest"`

	Interactive ClassQueue `json:"interactive" doc:"what a person waits for; it goes first"`
	Batch       ClassQueue `json:"batch" doc:"batches, and meshes of that class"`
	Yours       OwnQueue   `json:"yours" doc:"of who asks"`

	PerMinute     float64 `json:"per_minute" doc:"jobs whose run ended in the last minute"`
	MedianSeconds float64 `json:"median_seconds" doc:"of the runs that ended last, 200 at most; 0 where there was none"`
	Limit         int     `json:"limit" doc:"meshes of each class that may wait; 0 for any number"`
	LimitOfTenant int     `json:"limit_of_tenant" doc:"the same of one tenant"`
}

// ClassQueue is the queue of a class.
type ClassQueue struct {
	Waiting     int      `json:"waiting" doc:"jobs that are to be run and do not run yet"`
	WaitSeconds *float64 `json:"wait_seconds,omitempty" doc:"how long one that came now would wait for an engine, by what the last ones took; absent where nothing tells"`
}

// OwnQueue is what a tenant has in the queue.
type OwnQueue struct {
	Waiting int `json:"waiting"`
	Running int `json:"running"`
}

// Health says that the process lives.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

// Readiness says whether the service can do its work, and what is wrong.
type Readiness struct {
	Status    string     `json:"status" enum:"ready,unavailable"`
	Checks    []Checked  `json:"checks"`
	CheckedAt *time.Time `json:"checked_at,omitempty"`
}

// Checked is a dependency and its state.
type Checked struct {
	Name   string `json:"name" enum:"process,postgres,redis,s3"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty" doc:"what is wrong with it"`
}
