package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/client"
	"meshgen/internal/devservers"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// balancer sends each request to one of the processes of the API that say that they are ready, as a load balancer does. It
// tries none twice.
type balancer struct {
	mu       sync.Mutex
	backends map[int]bool // port: ready when last asked
	next     int
}

// lookEvery is how often a process is asked; MESHGEN_STOP_DELAY has to be longer, by far on a machine that is busy.
const lookEvery = 100 * time.Millisecond

func newBalancer(t *testing.T) (*balancer, string) {
	b := &balancer{backends: map[int]bool{}}
	server := httptest.NewServer(&httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", b.pick())})
		},
	})
	t.Cleanup(server.Close)
	var looking sync.WaitGroup
	looking.Go(func() {
		for t.Context().Err() == nil {
			b.look(t.Context())
			time.Sleep(lookEvery)
		}
	})
	t.Cleanup(looking.Wait)
	return b, server.URL
}

func (b *balancer) add(port int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends[port] = true
}

func (b *balancer) pick() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ready []int
	for port, ok := range b.backends {
		if ok {
			ready = append(ready, port)
		}
	}
	if len(ready) == 0 {
		return 0
	}
	b.next++
	return ready[b.next%len(ready)]
}

func (b *balancer) look(ctx context.Context) {
	b.mu.Lock()
	ports := make([]int, 0, len(b.backends))
	for port := range b.backends {
		ports = append(ports, port)
	}
	b.mu.Unlock()
	for _, port := range ports {
		ready := (&site{port: port}).get(ctx, "/readyz") == nil
		b.mu.Lock()
		b.backends[port] = ready
		b.mu.Unlock()
	}
}

// startAPI starts a further process of the API.
func (s *site) startAPI() (*devservers.Process, int) {
	s.t.Helper()
	port := s.freePort()
	process, err := devservers.Program{
		Name: "api", Port: port, Path: testenv.Program(s.t, "api"), Log: s.t.Output(),
		Env: append(s.env[:len(s.env):len(s.env)],
			fmt.Sprintf("MESHGEN_LISTEN=127.0.0.1:%d", port), fmt.Sprintf("MESHGEN_METRICS_LISTEN=127.0.0.1:%d", s.freePort())),
		Ready: func(ctx context.Context, _ int) error { return (&site{port: port}).get(ctx, "/readyz") },
	}.Start(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = process.Kill() })
	return process, port
}

func TestLong_RollingUpdate_NoRequestFailsAndNoJobIsLost(t *testing.T) {
	s := newSite(t, "MESHGEN_STOP_DELAY=3s", "MESHGEN_DRAIN=30s")
	b, address := newBalancer(t)
	b.add(s.port)
	var err error
	s.Client, err = client.New(client.Config{Server: address, Patience: 0, UserAgent: "e2e"}) // nothing is asked again
	require.NoError(t, err)
	worker := s.hire(testenv.Engine(t))
	geometry, err := s.upload("part.step", part(t, ""))
	require.NoError(t, err)

	// People read and ask for meshes all the while.
	var load sync.WaitGroup
	var reads atomic.Int64
	over := make(chan struct{})
	failed := make(chan error, 1000)
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-over:
					return
				case <-time.After(5 * time.Millisecond):
				}
				resp, err := http.Get(address + "/v1/geometries/" + geometry.ID)
				if err == nil {
					if resp.Body.Close(); resp.StatusCode != http.StatusOK {
						err = fmt.Errorf("GET: %s", resp.Status)
					}
				}
				if reads.Add(1); err != nil {
					failed <- err
				}
			}
		})
	}
	var meshes []string
	load.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(200 * time.Millisecond):
			}
			m, err := s.CreateMesh(t.Context(), createMesh(geometry.ID, spec.Spec{Size: spec.Size{Fineness: 2}}), "")
			if err != nil {
				failed <- err
				continue
			}
			meshes = append(meshes, m.ID)
		}
	})

	// Twice the API and once the workers: the new one is ready before the old one is told to go.
	api := s.api
	for range 2 {
		next, port := s.startAPI()
		b.add(port)
		require.NoError(t, api.Stop())
		api = next
	}
	s.hire(testenv.Engine(t))
	require.NoError(t, worker.Stop())

	close(over)
	load.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	require.Greater(t, reads.Load(), int64(100))
	require.NotEmpty(t, meshes)
	for _, id := range meshes {
		s.follow(id, isDone)
		m, err := s.Mesh(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "succeeded", m.Status)
		require.Equal(t, 1, m.Attempt, "a worker that is told to go ends what it has begun")
	}
	t.Logf("%d reads, %d meshes", reads.Load(), len(meshes))
}
