package client

import (
	"context"
	"net/http"

	"meshgen/internal/api/types"
)

// CreateShare makes a link to a mesh. A call whose answer was lost is sent again and leaves a link of which nobody knows the word.
func (c *Client) CreateShare(ctx context.Context, s types.CreateShare) (types.NewShare, error) {
	var share types.NewShare
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"shares"}, body: s}, &share)
	return share, err
}

// Shares returns a page of the share links, newest first.
func (c *Client) Shares(ctx context.Context, p Page) (types.ShareList, error) {
	return get[types.ShareList](ctx, c, p.query(), "shares")
}

// RevokeShare takes a link back. One that was taken back stays so.
func (c *Client) RevokeShare(ctx context.Context, id string) error {
	return c.remove(ctx, "shares", id)
}
