package queue

import (
	"context"
	"fmt"
)

// Ping asks the server for a sign of life; Check says whether it can be relied on.
func (q *Queue) Ping(ctx context.Context) error {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	if err := q.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}
