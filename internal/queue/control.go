package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"meshgen/internal/engine"
)

// ControlKind says what a worker is asked to do.
type ControlKind string

const (
	// ControlCancel asks the worker that runs the job to kill its engine. The job is canceled already.
	ControlCancel ControlKind = "cancel"
	// ControlLook asks the worker that runs the job to see for whom it does.
	ControlLook ControlKind = "look"
	// ControlWarm asks workers to hold a geometry's source.
	ControlWarm ControlKind = "warm"
)

// Control is a message to all workers.
type Control struct {
	Kind   ControlKind `json:"kind"`
	JobID  string      `json:"job_id,omitempty"` // of a cancel or look
	Source *Source     `json:"source,omitempty"` // of a warm
}

// Source is a file in S3 that a worker is asked to hold.
type Source struct {
	Tenant    string        `json:"tenant"`
	SHA256    string        `json:"sha256"`
	Format    engine.Format `json:"format"`
	Size      int64         `json:"size"`
	ObjectKey string        `json:"object_key"`
}

// PublishCancel tells the workers that a job was canceled.
func (q *Queue) PublishCancel(ctx context.Context, jobID string) error {
	return q.publishControl(ctx, Control{Kind: ControlCancel, JobID: jobID})
}

// PublishLook tells the workers that others are to hear of a job than before.
func (q *Queue) PublishLook(ctx context.Context, jobID string) error {
	return q.publishControl(ctx, Control{Kind: ControlLook, JobID: jobID})
}

// PublishWarm asks the workers to hold a file.
func (q *Queue) PublishWarm(ctx context.Context, s Source) error {
	return q.publishControl(ctx, Control{Kind: ControlWarm, Source: &s})
}

func (q *Queue) publishControl(ctx context.Context, c Control) error {
	message, err := json.Marshal(c)
	if err != nil {
		return err
	}
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	if err := q.client.Publish(ctx, q.keys.control(), message).Err(); err != nil {
		return fmt.Errorf("%s: %w", c.Kind, err)
	}
	return nil
}

// Controls returns the messages to workers, on a connection of its own that is made again when it is lost; what was sent
// meanwhile is lost. The channel is closed when ctx ends or the queue is closed.
func (q *Queue) Controls(ctx context.Context) <-chan Control {
	return q.controls(ctx, func() {})
}

// controls calls live whenever messages begin to flow.
func (q *Queue) controls(ctx context.Context, live func()) <-chan Control {
	c := &controls{q: q, out: make(chan Control, bufferedControls), onLive: live}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(q.life, cancel)
	sub := newSubscriber(q.client, c, q.log)
	sub.add(q.keys.control())
	q.work.Go(func() {
		defer cancel()
		defer stop()
		defer close(c.out)
		sub.run(ctx)
	})
	return c.out
}

// bufferedControls is how many messages may wait for the worker; each is handled in microseconds.
const bufferedControls = 1024

type controls struct {
	q      *Queue
	out    chan Control
	onLive func()
}

func (c *controls) live(string) { c.onLive() }
func (c *controls) down()       {}

func (c *controls) message(_, payload string) {
	var m Control
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		c.q.log.Warn("control message not understood", "error", err)
		return
	}
	select {
	case c.out <- m:
	default:
		c.q.log.Warn("control message dropped, too many wait", "kind", m.Kind, "job", m.JobID)
	}
}
