package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/id"
)

// endpointEvents are what an endpoint may be told of.
var endpointEvents = []string{"mesh.succeeded", "mesh.failed", "mesh.canceled", "batch.done"}

func (a *app) listEndpointsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "endpoints", Short: "List the endpoints that are told of everything", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			service, err := a.connect()
			if err != nil {
				return err
			}
			list, err := service.Endpoints(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.print(list)
			}
			t := newTable("ID", "STATUS", "CREATED", "TOLD OF", "URL")
			for _, e := range list.Items {
				t.row(e.ID, stands(e), moment(e.CreatedAt), toldOf(e.Events), e.URL)
			}
			t.print(a.out, nil)
			if !list.Sending {
				a.remark("This service sends no webhooks: its operator has to set MESHGEN_WEBHOOK_SECRET.")
			}
			return nil
		},
	}
}

// stands says how an endpoint does.
func stands(e types.WebhookEndpoint) string {
	if e.RestsUntil != nil {
		return "rests until " + moment(*e.RestsUntil)
	}
	return e.Status
}

func toldOf(events []string) string {
	if len(events) == len(endpointEvents) {
		return "everything"
	}
	return strings.Join(events, ", ")
}

func (a *app) addEndpointCommand() *cobra.Command {
	var events []string
	c := &cobra.Command{
		Use: "add URL", Short: "Add an endpoint, and print its secret", Args: cobra.ExactArgs(1),
		Long: "Adds an address that is told of everything of some types, whatever requests name, and prints on standard output the secret\n" +
			"that its webhooks are signed with. It is stored nowhere and cannot be shown again. It needs a key of scope admin.",
		Example: "  meshgen webhook add https://example.com/hooks/meshgen --event mesh.failed --event batch.done",
		RunE: func(c *cobra.Command, args []string) error {
			service, err := a.connect()
			if err != nil {
				return err
			}
			made, err := service.CreateEndpoint(c.Context(), types.CreateWebhookEndpoint{URL: args[0], Events: events})
			if err != nil {
				return err
			}
			if a.json {
				return a.print(made)
			}
			a.remark("%s is told of %s. Keep its secret: it cannot be shown again.", made.ID, toldOf(made.Events))
			_, err = fmt.Fprintln(a.out.w, made.Secret)
			return err
		},
	}
	c.Flags().StringSliceVar(&events, "event", nil, "what it is told of, several times or separated by commas: "+strings.Join(endpointEvents, ", ")+" (default all)")
	_ = c.RegisterFlagCompletionFunc("event", cobra.FixedCompletions(endpointEvents, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) pauseEndpointCommand() *cobra.Command {
	return a.endpointsCommand("pause", "Tell an endpoint nothing until it is resumed", func(ctx context.Context, s *client.Client, id string) (any, error) {
		return s.PauseEndpoint(ctx, id)
	})
}

func (a *app) resumeEndpointCommand() *cobra.Command {
	return a.endpointsCommand("resume", "Tell an endpoint again", func(ctx context.Context, s *client.Client, id string) (any, error) {
		return s.ResumeEndpoint(ctx, id)
	})
}

func (a *app) testEndpointCommand() *cobra.Command {
	return a.endpointsCommand("test", "Send an endpoint a test; `webhook ls` shows what it answered", func(ctx context.Context, s *client.Client, id string) (any, error) {
		return s.TestEndpoint(ctx, id)
	})
}

func (a *app) removeEndpointCommand() *cobra.Command {
	return a.endpointsCommand("rm", "Remove an endpoint, with what it was still to be told", func(ctx context.Context, s *client.Client, id string) (any, error) {
		return map[string]any{"id": id, "deleted": true}, s.RemoveEndpoint(ctx, id)
	})
}

// endpointsCommand does something to each of some endpoints.
func (a *app) endpointsCommand(name, short string, do func(ctx context.Context, s *client.Client, id string) (any, error)) *cobra.Command {
	return &cobra.Command{
		Use: name + " ENDPOINT...", Short: short, Args: cobra.MinimumNArgs(1),
		Example: "  meshgen webhook " + name + " whe_0190163d-8694-739b-aea5-966c26f8ad91",
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Endpoint); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			return a.each(c.Context(), args, func(endpoint string) error {
				result, err := do(c.Context(), service, endpoint)
				if err != nil || !a.json {
					return err
				}
				return a.print(result)
			})
		},
	}
}
