package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
)

// streams opens streams of events, has events published at a steady rate, and measures how long after the due time of each event
// every client that follows its mesh has it.
func (s *site) streams(ctx context.Context, o options, r *report) error {
	say("opening %d streams on %d meshes", o.clients, o.subjects)
	subjects := make([]string, o.subjects)
	if err := inParallel(ctx, 4, o.subjects, func(ctx context.Context, i int) error {
		m, err := s.mesh(ctx, 10*o.jobs+i*len(tenants))
		subjects[i] = m.ID
		return err
	}); err != nil {
		return err
	}
	before, _ := s.resident()
	h := &hearers{began: make(chan struct{}, o.clients), delays: make([][]time.Duration, o.clients)}
	defer h.close()
	opened := time.Now()
	if err := inParallel(ctx, 64, o.clients, func(ctx context.Context, i int) error {
		return h.open(ctx, i, s.address, subjects[i%len(subjects)], s.keys[i%len(s.keys)])
	}); err != nil {
		return err
	}
	for range o.clients {
		select {
		case <-h.began:
		case <-time.After(time.Minute):
			return errors.New("not every stream begins with a status")
		}
	}
	opening := time.Since(opened)
	say("publishing %.0f events a second", o.eventRate)
	used := s.processor()
	published, err := openLoop(ctx, o.eventRate, o.seconds, func(ctx context.Context, i int, due time.Time) error {
		_, err := s.queue.Publish(ctx, subjects[i%len(subjects)], "", queue.NewEvent{
			Type: jobs.EventProgress, Data: jobs.StageData{Stage: engine.Stage3D, Progress: 0.5, Detail: strconv.FormatInt(due.UnixNano(), 10)},
		})
		return err
	})
	if err != nil {
		return err
	}
	wanted := 0
	for i := range published {
		wanted += (o.clients + o.subjects - 1 - i%o.subjects) / o.subjects // those who follow the mesh of event i
	}
	for deadline := time.Now().Add(20 * time.Second); int(h.heard.Load()) < wanted && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond) // who hears notes when by itself: this waits for the last of them alone
	}
	share := (s.processor() - used).Seconds() / o.seconds.Seconds()
	after, most := s.resident()
	h.close()
	r.streams(o, opening, wanted, h.all(), int(h.lost.Load()), share, after-before, most)
	return nil
}

// hearers are clients that read streams.
type hearers struct {
	began  chan struct{} // gets one for each client that has its first event
	delays [][]time.Duration
	heard  atomic.Int64
	lost   atomic.Int64 // streams that ended by themselves

	mu      sync.Mutex
	conns   []net.Conn
	closed  atomic.Bool
	reading sync.WaitGroup
}

func (h *hearers) open(ctx context.Context, client int, address, subject, key string) error {
	conn, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.conns = append(h.conns, conn)
	h.mu.Unlock()
	if _, err := fmt.Fprintf(conn, "GET /v1/meshes/%s/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", subject, key); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(conn, 1024)
	status, err := lines.ReadSlice('\n')
	if err != nil || !bytes.Contains(status, []byte(" 200 ")) {
		return fmt.Errorf("stream of %s: %q, %w", subject, status, err)
	}
	h.reading.Go(func() { h.read(client, lines) })
	return nil
}

func (h *hearers) read(client int, lines *bufio.Reader) {
	first := true
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if !h.closed.Load() {
				h.lost.Add(1)
			}
			return
		}
		if first && bytes.HasPrefix(line, []byte("event: status")) {
			first = false
			h.began <- struct{}{}
		}
		_, rest, ok := bytes.Cut(line, []byte(`"detail":"`))
		if !ok {
			continue
		}
		digits, _, _ := bytes.Cut(rest, []byte(`"`))
		due, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			continue
		}
		h.delays[client] = append(h.delays[client], time.Since(time.Unix(0, due)))
		h.heard.Add(1)
	}
}

// close ends all clients; afterwards nothing is added to the delays.
func (h *hearers) close() {
	h.closed.Store(true)
	h.mu.Lock()
	for _, c := range h.conns {
		_ = c.Close()
	}
	h.conns = nil
	h.mu.Unlock()
	h.reading.Wait()
}

func (h *hearers) all() (all []time.Duration) {
	for _, d := range h.delays {
		all = append(all, d...)
	}
	return all
}
