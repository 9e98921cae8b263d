package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Every statement names the tenant that it is for. Behind that stands a second wall: what is asked with the context of a tenant is asked
// as the role meshgen_tenant, to which Postgres shows the rows of that tenant alone (row-level security; migration 0012). A
// statement that forgets its tenant, or is led to do so, finds nothing of others. The service itself asks as the owner of the tables.
//
// The role is the connection's, not the transaction's: a connection of the pool keeps it from one statement to the next of the same
// tenant, and is given another when it is taken for somebody else. So it costs a round trip where they change, and nothing else.

type tenantKey struct{}

// ForTenant returns a context with which the store shows the rows of a tenant alone.
func ForTenant(ctx context.Context, tenant string) context.Context {
	return context.WithValue(ctx, tenantKey{}, tenant)
}

// forAll returns a context with which the store shows the rows of all, for what a tenant may know of them.
func forAll(ctx context.Context) context.Context { return ForTenant(ctx, "") }

// shownTenant is what a connection remembers: whose rows it shows; "" for those of all.
const shownTenant = "tenant"

// show has a connection show what the context is for. It is called before each use; a connection for which it fails is closed.
func show(ctx context.Context, conn *pgx.Conn) (bool, error) {
	wanted, _ := ctx.Value(tenantKey{}).(string)
	shown, _ := conn.PgConn().CustomData()[shownTenant].(string)
	if wanted == shown {
		return true, nil
	}
	role := "meshgen_tenant"
	if wanted == "" {
		role = "none"
	}
	_, err := conn.Exec(ctx, `SELECT set_config('role', $1, false), set_config('meshgen.tenant', $2, false)`, role, wanted)
	conn.PgConn().CustomData()[shownTenant] = wanted
	return err == nil, err
}
