package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/startup"
	"meshgen/internal/store"
)

// adminCommand is for the operator: it speaks to the database itself, and so needs no key.
func (a *app) adminCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "Tenants, their first keys, limits and audit logs",
		Long: "Speaks to the database of a service (MESHGEN_DATABASE_URL), for what nobody can ask the service for yet.\n" +
			"Further keys are made with the API: POST /v1/keys.",
	}
	keys := &cobra.Command{Use: "keys", Short: "Make, list and revoke API keys"}
	keys.AddCommand(a.createKeyCommand(), a.listKeysCommand(), a.revokeKeyCommand(), a.generateKeyCommand())
	tenants := &cobra.Command{Use: "tenants", Short: "Make and list tenants"}
	tenants.AddCommand(a.createTenantCommand(), a.listTenantsCommand())
	c.AddCommand(keys, tenants, a.limitsCommand(), a.auditCommand())
	return c
}

// withDatabase opens the database, checks that it can be used, and closes it after do.
func (a *app) withDatabase(ctx context.Context, do func(*store.DB) error) error {
	var cfg store.Config
	if err := startup.Load(&cfg); err != nil {
		return usage("%s", err)
	}
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Check(ctx); err != nil {
		return err
	}
	return do(db)
}

// operator is who makes what is made here, as lists name them.
const operator = "meshgen admin"

func (a *app) createKeyCommand() *cobra.Command {
	n := store.NewAPIKey{CreatedBy: operator}
	var scope, expires string
	c := &cobra.Command{
		Use:     "create",
		Short:   "Make an API key, and print it",
		Long:    "Makes an API key and prints it on standard output. It is stored nowhere and cannot be shown again.",
		Example: "  meshgen admin keys create --name 'Ada' --scope admin\n  meshgen admin keys create --tenant acme --name ci --expires 90d",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if n.Scope, err = auth.ParseScope(scope); err != nil {
				return usage("--%s", err)
			}
			if n.Name = strings.TrimSpace(n.Name); n.Name == "" {
				return usage("--name says what the key is for")
			}
			if expires != "" {
				life, err := lifetime(expires)
				if err != nil {
					return err
				}
				at := time.Now().Add(life)
				n.ExpiresAt = &at
			}
			return a.withDatabase(c.Context(), func(db *store.DB) error { return a.createKey(c.Context(), db, n) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&n.TenantID, "tenant", store.DefaultTenant, "whose the key is")
	flags.StringVar(&n.Name, "name", "", "what the key is for")
	flags.StringVar(&scope, "scope", string(auth.Admin), "read, write or admin")
	flags.StringVar(&expires, "expires", "", "how long it works, such as 90d or 12h (default: for ever)")
	return c
}

// lifetime reads a duration that may be in days.
func lifetime(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	return 0, usage("--expires must be a duration such as 90d or 12h (is %q)", s)
}

func (a *app) createKey(ctx context.Context, db *store.DB, n store.NewAPIKey) error {
	_, err := db.Tenant(ctx, n.TenantID)
	if errors.Is(err, store.ErrNotFound) {
		return usage("there is no tenant %s: `meshgen admin tenants create %s` makes it", n.TenantID, n.TenantID)
	}
	if err != nil {
		return err
	}
	key := auth.NewKey()
	row, err := db.CreateKey(ctx, n, key)
	if err != nil {
		return err
	}
	unrecorded := record(ctx, db, row.TenantID, "create-key", row.ID)
	if unrecorded != nil { // the key is there and works: nobody could use it or know of it if it were not printed
		unrecorded = fmt.Errorf("the key is made, but not in the audit log: %w", unrecorded)
	}
	if a.json {
		return errors.Join(a.print(types.NewKey{Key: keyOf(row), Secret: key.Reveal()}), unrecorded)
	}
	a.remark("%s of tenant %s, scope %s. Keep it: it cannot be shown again.", row.ID, row.TenantID, row.Scope)
	_, err = fmt.Fprintln(a.out.w, key.Reveal())
	return errors.Join(err, unrecorded)
}

func keyOf(k store.APIKey) types.Key {
	t := types.Key{
		ID: k.ID, Name: k.Name, Prefix: auth.KeyMark + k.Prefix, Scope: string(k.Scope), Status: k.Status(), CreatedAt: k.CreatedAt,
		CreatedBy: k.CreatedBy, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, LastUsedAt: k.LastUsedAt,
	}
	if k.ReplacedBy != nil {
		t.ReplacedBy = *k.ReplacedBy
	}
	return t
}

// mostKeys bounds what is listed at once.
const mostKeys = 10_000

func (a *app) listKeysCommand() *cobra.Command {
	var tenant string
	c := &cobra.Command{
		Use: "ls", Aliases: []string{"list"}, Short: "List a tenant's API keys, newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withDatabase(c.Context(), func(db *store.DB) error {
				rows, err := db.Keys(c.Context(), tenant, store.Page{Limit: mostKeys})
				if err != nil {
					return err
				}
				list := types.KeyList{Items: []types.Key{}}
				t := newTable("ID", "STATUS", "SCOPE", "CREATED", "LAST USED", "KEY", "NAME")
				for _, row := range rows {
					k := keyOf(row)
					list.Items = append(list.Items, k)
					used := "never"
					if k.LastUsedAt != nil {
						used = moment(*k.LastUsedAt)
					}
					t.row(k.ID, k.Status, k.Scope, moment(k.CreatedAt), used, k.Prefix+"_…", k.Name)
				}
				if a.json {
					return a.print(list)
				}
				t.print(a.out, nil)
				return nil
			})
		},
	}
	c.Flags().StringVar(&tenant, "tenant", store.DefaultTenant, "whose keys")
	return c
}

func (a *app) revokeKeyCommand() *cobra.Command {
	var tenant string
	c := &cobra.Command{
		Use: "revoke KEY...", Short: "Make API keys useless, within a second and for good", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withDatabase(c.Context(), func(db *store.DB) error {
				return a.each(c.Context(), args, func(keyID string) error {
					_, err := db.RevokeKey(c.Context(), tenant, keyID)
					if errors.Is(err, store.ErrNotFound) {
						return usage("there is no such key of tenant %s", tenant)
					}
					if err != nil {
						return err
					}
					return record(c.Context(), db, tenant, "revoke-key", keyID)
				})
			})
		},
	}
	c.Flags().StringVar(&tenant, "tenant", store.DefaultTenant, "whose keys")
	return c
}

func (a *app) generateKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "generate", Short: "Print a fresh key for MESHGEN_ADMIN_KEY, recording it nowhere", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out.w, auth.NewKey().Reveal())
			return err
		},
	}
}

func (a *app) createTenantCommand() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use: "create ID", Short: "Make a tenant", Args: cobra.ExactArgs(1),
		Long: "Makes a tenant. Its id is made of lower-case letters, digits and hyphens, and never changes.",
		RunE: func(c *cobra.Command, args []string) error {
			if err := auth.CheckTenantID(args[0]); err != nil {
				return usage("%s", err)
			}
			if name == "" {
				name = args[0]
			}
			return a.withDatabase(c.Context(), func(db *store.DB) error {
				created, err := db.CreateTenant(c.Context(), args[0], name)
				if err == nil && !created {
					return usage("there is a tenant %s already", args[0])
				}
				if err != nil {
					return err
				}
				return record(c.Context(), db, args[0], "create-tenant", "")
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "as people call it (default: the id)")
	return c
}

func (a *app) listTenantsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "ls", Aliases: []string{"list"}, Short: "List tenants", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withDatabase(c.Context(), func(db *store.DB) error {
				rows, err := db.Tenants(c.Context())
				if err != nil {
					return err
				}
				type tenant struct {
					ID        string    `json:"id"`
					Name      string    `json:"name"`
					CreatedAt time.Time `json:"created_at"`
				}
				list := []tenant{}
				t := newTable("ID", "CREATED", "NAME")
				for _, row := range rows {
					list = append(list, tenant(row))
					t.row(row.ID, moment(row.CreatedAt), row.Name)
				}
				if a.json {
					return a.print(map[string]any{"items": list})
				}
				t.print(a.out, nil)
				return nil
			})
		},
	}
}
