package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Room bounds how many meshes of a class wait to be made; 0 is no bound. Each class has the same room to itself, so that a
// tenant's batches do not keep out what a person waits for. What follows the run of another does not count, for it takes none.
type Room struct {
	Everybody int // of all tenants
	Tenant    int // of each
}

// QueueFull says that there is no room for further meshes.
type QueueFull struct {
	OfTenant bool // it is the tenant's own room
	Class    Class
	Waiting  int // meshes that wait
	Allowed  int // that may wait
	Asked    int // that were to be added
}

func (e *QueueFull) Error() string {
	return fmt.Sprintf("%d meshes wait, %d may, %d more were asked for", e.Waiting, e.Allowed, e.Asked)
}

// full returns what keeps out so many more meshes, nil where they have room.
func (r Room) full(class Class, waiting, ofTenant, asked int) *QueueFull {
	switch {
	case r.Tenant > 0 && ofTenant+asked > r.Tenant:
		return &QueueFull{OfTenant: true, Class: class, Waiting: ofTenant, Allowed: r.Tenant, Asked: asked}
	case r.Everybody > 0 && waiting+asked > r.Everybody:
		return &QueueFull{Class: class, Waiting: waiting, Allowed: r.Everybody, Asked: asked}
	}
	return nil
}

// waitingQuery counts the meshes of a class that wait to be made. Conditions may be added behind it.
func waitingQuery(tenant, class string) string {
	return `SELECT coalesce(max(waiting), 0) AS waiting, coalesce(max(of_tenant), 0) AS of_tenant
		FROM meshes_waiting(` + tenant + `, ` + class + `) WHERE true`
}

// admit returns a *QueueFull unless so many more meshes have room.
func admit(ctx context.Context, tx pgx.Tx, tenant string, class Class, room Room, asked int) error {
	if room == (Room{}) || asked == 0 {
		return nil
	}
	type count struct {
		Waiting  int `db:"waiting"`
		OfTenant int `db:"of_tenant"`
	}
	n, err := one[count](tx.Query(ctx, waitingQuery("$1", "$2"), tenant, class))
	if err != nil {
		return err
	}
	if full := room.full(class, n.Waiting, n.OfTenant, asked); full != nil {
		return full
	}
	return nil
}
