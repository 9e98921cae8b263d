package types

import (
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// The payloads of the events of a stream, by the type of the event. In the stream of everything (/v1/events) each also
// has "subject": the geometry or mesh that it is about.

// StatusEvent is the payload of status and done. The first status of a stream is a snapshot.
type StatusEvent struct {
	Subject  string               `json:"subject,omitempty" doc:"geometry or mesh; in the stream of everything"`
	Status   string               `json:"status" enum:"queued,running,succeeded,failed,canceled"`
	Attempt  int                  `json:"attempt" doc:"how often the job was started"`
	Stage    string               `json:"stage,omitempty" doc:"the stage it is in"`
	Progress float64              `json:"progress" doc:"0 to 1"`
	Error    *diagnosis.Diagnosis `json:"error,omitempty" doc:"why it failed"`
}

// StageEvent is the payload of stage and progress.
type StageEvent struct {
	Subject  string  `json:"subject,omitempty" doc:"geometry or mesh; in the stream of everything"`
	Stage    string  `json:"stage"`
	Progress float64 `json:"progress" doc:"0 to 1, of the whole job"`
	Detail   string  `json:"detail,omitempty"`
}

// LogEvent is the payload of log. The stream of everything has none.
type LogEvent struct {
	Lines []engine.LogLine `json:"lines"`
}

// ArtifactEvent is the payload of artifact: a file can be downloaded.
type ArtifactEvent struct {
	Subject string `json:"subject,omitempty" doc:"geometry or mesh; in the stream of everything"`
	Name    string `json:"name"`
	Format  string `json:"format"`
	Size    int64  `json:"size" doc:"bytes"`
	Preview bool   `json:"preview,omitempty" doc:"it can be had before the job has ended"`
}
