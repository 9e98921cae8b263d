package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"meshgen/internal/client"
	"meshgen/internal/id"
)

func (a *app) webhookCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "webhook", Aliases: []string{"webhooks"},
		Short: "Say who is told when work ends, see what was told, send it again",
		Long: "An endpoint is told of everything of some types; a mesh or batch whose request names a webhook_url is told of there when it ends\n" +
			"(docs/webhooks.md).",
	}
	c.AddCommand(a.listEndpointsCommand(), a.addEndpointCommand(), a.testEndpointCommand(), a.pauseEndpointCommand(), a.resumeEndpointCommand(), a.removeEndpointCommand())
	c.AddCommand(a.listDeliveriesCommand(), a.redeliverCommand(), a.webhookSecretCommand())
	return c
}

// deliveryStatuses are those that a list can be narrowed to.
var deliveryStatuses = []string{"pending", "delivered", "dead"}

func (a *app) listDeliveriesCommand() *cobra.Command {
	var status string
	var page client.Page
	c := &cobra.Command{
		Use: "ls", Aliases: []string{"list", "deliveries"}, Short: "List deliveries, newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if status != "" && !slices.Contains(deliveryStatuses, status) {
				return usage("--status must be pending, delivered or dead (is %q)", status)
			}
			if page.Limit < 1 || page.Limit > 200 {
				return usage("--limit must be 1 to 200 (is %d)", page.Limit)
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			list, err := service.Deliveries(c.Context(), status, page)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(list)
			}
			t := newTable("ID", "STATUS", "ATTEMPTS", "ANSWER", "CREATED", "OF", "URL")
			for _, d := range list.Items {
				t.row(d.ID, d.Status, strconv.Itoa(d.Attempts), d.Answer, moment(d.CreatedAt), cmp.Or(d.MeshID, d.BatchID, "(a test)"), d.URL)
			}
			t.print(a.out, nil)
			if list.NextCursor != "" {
				a.remark("There are more: --cursor %s", list.NextCursor)
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&status, "status", "", "only those: pending, delivered, dead")
	flags.IntVarP(&page.Limit, "limit", "n", 20, "deliveries of a page, 1 to 200")
	flags.StringVar(&page.Cursor, "cursor", "", "where the page before ended")
	_ = c.RegisterFlagCompletionFunc("status", cobra.FixedCompletions(deliveryStatuses, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) redeliverCommand() *cobra.Command {
	return &cobra.Command{
		Use: "redeliver DELIVERY...", Short: "Send again at once, from the first attempt on", Args: cobra.MinimumNArgs(1),
		Example: "  meshgen webhook redeliver whk_0190163d-8694-739b-aea5-966c26f8ad91",
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Delivery); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			return a.each(c.Context(), args, func(delivery string) error {
				d, err := service.Redeliver(c.Context(), delivery)
				if err != nil || !a.json {
					return err
				}
				return a.print(d)
			})
		},
	}
}

func (a *app) webhookSecretCommand() *cobra.Command {
	return &cobra.Command{
		Use: "secret", Short: "Print the secret of addresses that requests name", Args: cobra.NoArgs,
		Long: "Prints on standard output what is signed with of what goes to a webhook_url; each endpoint has a secret of its own.\nIt needs a key of scope admin.",
		RunE: func(c *cobra.Command, _ []string) error {
			service, err := a.connect()
			if err != nil {
				return err
			}
			secret, err := service.WebhookSecret(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.print(secret)
			}
			_, err = fmt.Fprintln(a.out.w, secret.Secret)
			return err
		},
	}
}
