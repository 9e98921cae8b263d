package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
)

func TestIsForLater(t *testing.T) {
	answer := func(status int) error {
		return fmt.Errorf("put: %w", &smithy.OperationError{Err: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: errors.New("its answer"),
		}})
	}
	for _, c := range []struct {
		name         string
		err          error
		first, sixth bool
	}{
		{"S3 is away", io.ErrUnexpectedEOF, true, true},
		{"S3 is too busy", answer(503), true, true},
		{"S3 forbids it", answer(403), true, false},
		{"the file is gone", fmt.Errorf("get: %w", blob.ErrNotFound), true, false},
		{"the disk is full", fmt.Errorf("scratch folder: %w", &fs.PathError{Op: "mkdir", Err: syscall.ENOSPC}), true, false},
		{"a file cannot be moved", &os.LinkError{Op: "rename", Err: syscall.EXDEV}, true, false},
		{"Postgres cannot be reached", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, true, true},
		{"Postgres restarts", &pgconn.PgError{Code: "57P01"}, true, true},
		{"Postgres refuses it", &pgconn.PgError{Code: "23505"}, false, false},
		{"it was given up", context.Canceled, false, false},
	} {
		require.Equal(t, c.first, isForLater(c.err, 1), c.name)
		require.Equal(t, c.sixth, isForLater(c.err, refusedAttempts), c.name)
	}
}
