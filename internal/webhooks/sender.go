package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

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
	// lookLeast is how long it is at least from one look to the next: slots come free one by one, and one look fills many.
	lookLeast = 50 * time.Millisecond
	// mostOfAnswer is how much of an answer is read, so that the receiver need not see a broken connection.
	mostOfAnswer = 4 << 10
)

// atOnce is how much one process has on its way side by side. A server that never answers holds a slot for as long as an attempt may
// take, so a tenant has few of them and one server fewer; who has the fewest has the next.
var atOnce = store.AtOnce{More: 64, Tenant: 4, Lane: 2}

// Sender sends what is due.
type Sender struct {
	cfg    Config
	db     *store.DB
	log    *slog.Logger
	client *http.Client
	now    func() time.Time
	told   time.Time // when it was last looked for batches that have ended

	ended   chan struct{} // a slot has come free since it was last looked
	sending sync.WaitGroup
	mu      sync.Mutex
	slots   map[string]store.Delivery // what is on its way, by its name
}

// NewSender returns a sender.
func NewSender(cfg Config, db *store.DB, log *slog.Logger) *Sender {
	client := cfg.rule().Client(cfg.Timeout)
	client.Timeout = cfg.Timeout
	return &Sender{cfg: cfg, db: db, log: log, client: client, now: time.Now, ended: make(chan struct{}, 1), slots: map[string]store.Delivery{}}
}

// Run sends until ctx ends. Any number of processes may do so: each delivery is one's for the time of an attempt.
func (s *Sender) Run(ctx context.Context) {
	if !s.cfg.Enabled() {
		return
	}
	defer s.sending.Wait()
	for ctx.Err() == nil {
		if _, err := s.begin(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "webhooks cannot be sent", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookLeast):
		}
		select {
		case <-ctx.Done():
		case <-s.ended: // its slot may be another's now
		case <-time.After(lookEvery/2 + rand.N(lookEvery)):
		}
	}
}

// begin has what is due sent, as far as there are slots, and returns how many that are. News of batches that cannot be written down hold
// up nothing that is. It waits for no answer: a slot is free again as soon as its own has come.
func (s *Sender) begin(ctx context.Context) (begun int, err error) {
	var untold error
	if now := s.now(); now.Sub(s.told) >= lookEvery { // it looks at each batch that may be told of, and may be called again at once
		s.told = now
		untold = s.db.TellBatches(ctx)
	}
	s.mu.Lock()
	onTheirWay := slices.Collect(maps.Values(s.slots))
	s.mu.Unlock()
	most := atOnce
	if most.More -= len(onTheirWay); most.More == 0 {
		return 0, untold
	}
	due, err := s.db.TakeDeliveries(ctx, onTheirWay, most, 3*s.cfg.Timeout)
	if err != nil {
		return 0, errors.Join(untold, err)
	}
	s.mu.Lock()
	for _, d := range due {
		s.slots[d.ID] = d
	}
	s.mu.Unlock()
	for _, d := range due {
		s.sending.Go(func() {
			if err := s.attempt(ctx, d); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "what came of a webhook cannot be written down", "delivery", d.ID, "error", err)
			}
			s.mu.Lock()
			delete(s.slots, d.ID)
			s.mu.Unlock()
			select {
			case s.ended <- struct{}{}:
			default:
			}
		})
	}
	return len(due), untold
}

// attempt sends a delivery and records what came of it.
func (s *Sender) attempt(ctx context.Context, d store.Delivery) error {
	status, err := s.send(ctx, d)
	if ctx.Err() != nil {
		return nil // the process stops: it is due again when this attempt's time is over
	}
	end := store.DeliveryEnd{Answer: strconv.Itoa(status), Missed: err != nil && !errors.Is(err, outward.ErrForbidden)}
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
