package queue

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The round trips that a job waits for. As everywhere, the median of what one call takes: run with -benchtime=2000x.

func benchQueue(b *testing.B) *Queue {
	server := startRedis(b)
	q, err := New(server.Config(), slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	b.Cleanup(func() { _ = q.Close() })
	return q
}

func BenchmarkPublish(b *testing.B) {
	q := benchQueue(b)
	for b.Loop() {
		_, err := q.Publish(context.Background(), "msh_1", "acme",
			NewEvent{Type: EventStatus, Data: map[string]string{"status": "running"}}, NewEvent{Type: EventStage, Data: map[string]string{"stage": "import"}})
		require.NoError(b, err)
	}
}

func BenchmarkPublishToFollower(b *testing.B) {
	q := benchQueue(b)
	f, err := q.Hub().Follow(context.Background(), "msh_1", FromNow)
	require.NoError(b, err)
	for b.Loop() {
		_, err := q.Publish(context.Background(), "msh_1", "acme", NewEvent{Type: EventStage, Data: map[string]string{"stage": "import"}})
		require.NoError(b, err)
		_, err = f.Next(context.Background())
		require.NoError(b, err)
	}
}

func BenchmarkRingToNext(b *testing.B) {
	q := benchQueue(b)
	l := q.Listen("w")
	defer l.Close()
	rung := make(chan time.Time)
	go func() {
		for {
			if _, err := l.Next(context.Background()); err != nil {
				return
			}
			rung <- time.Now()
		}
	}()
	for b.Loop() {
		require.NoError(b, q.Ring(context.Background(), Bell{JobID: "job_1"}))
		<-rung
	}
}

func BenchmarkFollow(b *testing.B) {
	q := benchQueue(b)
	_, err := q.Publish(context.Background(), "msh_1", "acme", NewEvent{Type: EventStatus})
	require.NoError(b, err)
	for b.Loop() {
		f, err := q.Hub().Follow(context.Background(), "msh_1", FromStart)
		require.NoError(b, err)
		_, err = f.Next(context.Background())
		require.NoError(b, err)
		f.Close()
	}
}
