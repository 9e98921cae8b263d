package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"meshgen/internal/outward"
	"meshgen/internal/store"
)

// delays are those between attempts, as Standard Webhooks proposes: three days in all.
var delays = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	// lookEvery is how often it is looked what is due.
	lookEvery = time.Second
	// atOnce is how many are sent side by side.
	atOnce = 8
	// mostOfAnswer is how much of an answer is read, so that the receiver need not see a broken connection.
	mostOfAnswer = 4 << 10
)

// Sender sends what is due.
type Sender struct {
	cfg    Config
	db     *store.DB
	log    *slog.Logger
	client *http.Client
	now    func() time.Time
	told   time.Time // when it was last looked for batches that have ended
}

// NewSender returns a sender.
func NewSender(cfg Config, db *store.DB, log *slog.Logger) *Sender {
	client := cfg.rule().Client(cfg.Timeout)
	client.Timeout = cfg.Timeout
	return &Sender{cfg: cfg, db: db, log: log, client: client, now: time.Now}
}

// Run sends until ctx ends. Any number of processes may do so: each delivery is one's for the time of an attempt.
func (s *Sender) Run(ctx context.Context) {
	if !s.cfg.Enabled() {
		return
	}
	for ctx.Err() == nil {
		sent, err := s.Pass(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "webhooks cannot be sent", "error", err)
		}
		if sent == atOnce {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery/2 + rand.N(lookEvery)):
		}
	}
}

// Pass sends some of what is due, and returns how many. News of batches that cannot be written down hold up nothing that is. One pass
// of a sender follows another.
func (s *Sender) Pass(ctx context.Context) (sent int, err error) {
	var untold error
	if now := s.now(); now.Sub(s.told) >= lookEvery { // it looks at each open batch, and a pass may follow at once
		s.told = now
		untold = s.db.TellBatches(ctx)
	}
	due, err := s.db.TakeDeliveries(ctx, atOnce, 3*s.cfg.Timeout)
	if err != nil {
		return 0, errors.Join(untold, err)
	}
	var sending errgroup.Group
	for _, d := range due {
		sending.Go(func() error { return s.attempt(ctx, d) })
	}
	return len(due), errors.Join(untold, sending.Wait())
}

// attempt sends a delivery and records what came of it.
func (s *Sender) attempt(ctx context.Context, d store.Delivery) error {
	status, err := s.send(ctx, d)
	if ctx.Err() != nil {
		return nil // the process stops: it is due again when this attempt's time is over
	}
	end := store.DeliveryEnd{Answer: strconv.Itoa(status)}
	switch {
	case err == nil && status >= 200 && status < 300:
		end.Status = store.Delivered
	case d.Attempts > len(delays) || status == http.StatusGone || errors.Is(err, outward.ErrForbidden):
		end.Status = store.Dead
	default:
		end.Status = store.Pending
		end.Wait = delays[d.Attempts-1]*9/10 + rand.N(delays[d.Attempts-1]/5)
	}
	if err != nil {
		end.Answer = outward.Plain(err)
	}
	if end.Status == store.Dead {
		s.log.WarnContext(ctx, "webhook given up", "delivery", d.ID, "tenant", d.TenantID, "mesh", d.MeshID, "batch", d.BatchID, "attempts", d.Attempts, "answer", end.Answer)
	}
	return s.db.EndAttempt(ctx, d, end)
}

func (s *Sender) send(ctx context.Context, d store.Delivery) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, strings.NewReader(d.Payload))
	if err != nil {
		return 0, err
	}
	now := time.Now()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "meshgen-webhooks")
	request.Header.Set("Webhook-Id", d.ID)
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("Webhook-Signature", sign(s.cfg.keyOf(d), d.ID, now, d.Payload))
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("send %s: %w", d.ID, err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostOfAnswer))
	return answer.StatusCode, nil
}
