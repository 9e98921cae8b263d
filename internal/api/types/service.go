package types

import (
	"encoding/json"
	"time"
)

// Pool is who works and how much waits.
type Pool struct {
	Workers []json.RawMessage `json:"workers" doc:"what each worker says of itself"`
	Queue   Queue             `json:"queue"`
}

// Queue is how much work there is.
type Queue struct {
	Queued        int     `json:"queued" doc:"jobs ready to be claimed"`
	Waiting       int     `json:"waiting" doc:"jobs that wait for an import, or for the time of a retry"`
	Running       int     `json:"running" doc:"jobs being worked on"`
	OldestSeconds float64 `json:"oldest_seconds" doc:"age of the job that has been ready longest"`
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
