package queue

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"syscall"

	"github.com/redis/go-redis/v9"
)

var (
	// ErrTick says that no bell rang for a while: look into Postgres, then call Next again.
	ErrTick = errors.New("no bell rang")
	// ErrGap says that events may have been lost at this point: look at Postgres, then go on.
	ErrGap = errors.New("events may have been lost")
	// ErrClosed says that the follower, listener or queue was closed.
	ErrClosed = errors.New("queue closed")
)

// awayError says that Redis cannot be reached. To the caller of Next it is a tick as well.
type awayError struct{ cause error }

func (e *awayError) Error() string        { return "redis is away: " + e.cause.Error() }
func (e *awayError) Unwrap() error        { return e.cause }
func (e *awayError) Is(target error) bool { return target == ErrTick }

// IsTemporary reports whether the same call may succeed later: Redis was away, starting, failing over or too slow.
func IsTemporary(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrClosed) {
		return false
	}
	var netErr net.Error
	return errors.As(err, &netErr) ||
		errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrPoolExhausted) ||
		redis.IsLoadingError(err) || redis.IsReadOnlyError(err) || redis.IsMasterDownError(err) ||
		redis.IsTryAgainError(err) || redis.IsClusterDownError(err) || redis.IsMaxClientsError(err) ||
		redis.IsNoReplicasError(err) || redis.HasErrorPrefix(err, "UNBLOCKED")
}

// withoutURL takes the URL out of a parse error: it may hold the password.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
