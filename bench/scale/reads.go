package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"meshgen/internal/blob"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// openLoop calls f at a steady rate for a while, whatever earlier calls do, and returns how long after its due time each ended:
// a server that stands still is charged for all who come meanwhile.
func openLoop(ctx context.Context, rate float64, during time.Duration, f func(ctx context.Context, i int, due time.Time) error) ([]time.Duration, error) {
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var calls sync.WaitGroup
	began, n := time.Now(), int(rate*during.Seconds())
	for i := range n {
		due := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Until(due)):
		}
		calls.Go(func() {
			err := f(ctx, i, due)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(due))
			if failed == nil {
				failed = err
			}
		})
	}
	calls.Wait()
	return took, failed
}

// reads measures reads of a mesh's status, with API keys, while nothing else is asked for.
func (s *site) reads(ctx context.Context, o options, r *report) error {
	const meshes = 200
	say("reading status %.0f times a second", o.readRate)
	ids := make([]string, meshes)
	for i := range ids {
		m, err := s.mesh(ctx, 4*(o.jobs+i)) // all of the first tenant, whose keys there are
		if err != nil {
			return err
		}
		ids[i] = m.ID
		if i%2 == 0 { // half of them are asked about when they are made
			if err := s.make(ctx); err != nil {
				return err
			}
		}
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 256}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	read := func(ctx context.Context, i int, _ time.Time) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/v1/meshes/"+ids[i%meshes], nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+s.keys[i%len(s.keys)])
		answer, err := client.Do(req)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s: %s", req.URL.Path, answer.Status)
		}
		return nil
	}
	if _, err := openLoop(ctx, o.readRate, 2*time.Second, read); err != nil { // connections are made, statements prepared
		return err
	}
	before := s.processor()
	took, err := openLoop(ctx, o.readRate, o.seconds, read)
	if err != nil {
		return err
	}
	share := (s.processor() - before).Seconds() / o.seconds.Seconds()
	_, most := s.resident()
	r.reads(o, took, share, most)
	return nil
}

// make claims a job and finishes it, with files.
func (s *site) make(ctx context.Context) error {
	c, ok, err := s.jobs.Claim(ctx, "bench")
	if err != nil || !ok {
		return fmt.Errorf("claim: %v, %w", ok, err)
	}
	o := made()
	for _, format := range []string{"msh", "vtk", "glb", "report", "log"} {
		o.Artifacts = append(o.Artifacts, store.Artifact{
			ID: id.New(id.Artifact), Name: "part." + format, Format: format, MediaType: "application/octet-stream",
			ObjectKey: blob.AttemptPrefix(c.TenantID, c.JobID, c.Attempt, c.Token) + "part." + format, Size: 1 << 20, SHA256: strings.Repeat("0", 64),
		})
	}
	return s.jobs.Finish(ctx, c, o)
}
