package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"meshgen/internal/auth"
	"meshgen/internal/store"
)

const (
	headWithin     = 10 * time.Second
	bodyWithin     = 5 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// Run answers requests until ctx ends. Then /readyz says so, streams of events end, and requests that are under way have
// Config.StopTimeout to end.
func (s *Server) Run(ctx context.Context) error {
	if err := s.openDoor(ctx); err != nil {
		return err
	}
	main, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var metrics net.Listener
	if s.cfg.MetricsListen != noMetrics {
		if metrics, err = net.Listen("tcp", s.cfg.MetricsListen); err != nil {
			main.Close()
			return fmt.Errorf("listen for metrics: %w", err)
		}
	}
	return s.Serve(ctx, main, metrics)
}

// openDoor records the key that the operator gave, if one was, and says so where there is none at all.
func (s *Server) openDoor(ctx context.Context) error {
	if s.cfg.AdminKey != "" {
		key, err := auth.ParseKey(string(s.cfg.AdminKey))
		if err != nil {
			return fmt.Errorf("MESHGEN_ADMIN_KEY: %w", err)
		}
		const from = "MESHGEN_ADMIN_KEY"
		n := store.NewAPIKey{TenantID: store.DefaultTenant, Name: from, Scope: auth.Admin, CreatedBy: from}
		if err := s.db.AdoptKey(ctx, n, key); err != nil {
			return err
		}
	}
	if s.cfg.Auth == AuthOff {
		return nil
	}
	has, err := s.db.HasKeys(ctx)
	if err == nil && !has {
		s.log.WarnContext(ctx, "nobody can use the service: there is no API key yet; `meshgen admin keys create` makes one")
	}
	return err
}

// Serve is Run on listeners that are there; metrics may be nil. It closes them.
func (s *Server) Serve(ctx context.Context, main, metrics net.Listener) error {
	if s.cfg.Auth == AuthOff {
		s.log.WarnContext(ctx, "authentication is off: whoever reaches this address can use the service", "address", main.Addr().String())
	}
	servers := map[*http.Server]net.Listener{s.httpServer(s.Handler()): main}
	if metrics != nil {
		servers[s.httpServer(s.metrics.handler())] = metrics
	}
	serving, ctx := errgroup.WithContext(ctx) // a server that fails stops the other
	for server, listener := range servers {
		s.log.InfoContext(ctx, "listening", "address", listener.Addr().String())
		serving.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve %s: %w", listener.Addr(), err)
			}
			return nil
		})
		serving.Go(func() error {
			<-ctx.Done()
			s.stop(server)
			return nil
		})
	}
	err := serving.Wait()
	s.log.Info("stopped")
	return err
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: cmp.Or(s.cfg.HeadWithin, headWithin), IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// stop lets the requests of a server end.
func (s *Server) stop(server *http.Server) {
	s.Drain()
	time.Sleep(s.cfg.StopDelay) // until the load balancer has seen /readyz
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.StopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		s.log.Warn("requests were cut off", "error", err)
		server.Close()
	}
}
