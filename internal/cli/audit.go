package cli

import (
	"context"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/store"
)

// record adds what the operator did to the audit log of a tenant.
func record(ctx context.Context, db *store.DB, tenant, action, object string) error {
	return db.Record(ctx, entry(tenant, action, object))
}

// entry is what the audit log of a tenant tells of the operator.
func entry(tenant, action, object string) store.AuditEntry {
	return store.AuditEntry{TenantID: tenant, Actor: operator, Via: "operator", Action: action, Object: object, Outcome: store.OutcomeOK}
}

func (a *app) auditCommand() *cobra.Command {
	var tenant string
	var limit int
	var filter store.AuditFilter
	c := &cobra.Command{
		Use: "audit", Short: "Show the audit log of a tenant, newest first", Args: cobra.NoArgs,
		Long: "Shows who did what, when, from where, to which thing, and what came of it (GET /v1/audit).",
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return usage("--limit must be at least 1 (is %d)", limit)
			}
			return a.withDatabase(c.Context(), func(db *store.DB) error {
				rows, err := db.Audit(c.Context(), tenant, filter, store.Page{Limit: limit})
				if err != nil {
					return err
				}
				log := types.AuditLog{Items: []types.AuditEntry{}}
				t := newTable("AT", "ACTOR", "ACTION", "OBJECT", "OUTCOME", "FROM")
				for _, e := range rows {
					log.Items = append(log.Items, types.AuditEntry{
						ID: e.ID, At: e.At, Actor: e.Actor, Via: e.Via, Action: e.Action, Object: e.Object, Outcome: e.Outcome,
						From: e.Sender, RequestID: e.RequestID,
					})
					t.row(moment(e.At), e.Actor, e.Action, e.Object, e.Outcome, e.Sender)
				}
				if a.json {
					return a.print(log)
				}
				t.print(a.out, nil)
				return nil
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&tenant, "tenant", store.DefaultTenant, "whose log")
	flags.IntVarP(&limit, "limit", "n", 100, "entries at most")
	flags.StringVar(&filter.Actor, "actor", "", "only what they did, such as the id of a key")
	flags.StringVar(&filter.Action, "action", "", "only this, such as delete-mesh")
	flags.StringVar(&filter.Object, "object", "", "only what was done to the thing of this id")
	return c
}
