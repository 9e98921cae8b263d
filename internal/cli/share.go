package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
)

func (a *app) shareCommand() *cobra.Command {
	var expires string
	c := &cobra.Command{
		Use:   "share MESH",
		Short: "Make a link that shows a mesh to whoever has it",
		Long: "Makes a link that shows one mesh, its report and its files without a key, and prints it on standard output.\n" +
			"It is stored nowhere and cannot be shown again. `meshgen ls shares` lists links, `meshgen rm` takes them back.",
		Example: "  meshgen share msh_0190163d-8694-739b-aea5-966c26f8ad91 --expires 7d",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh); err != nil {
				return err
			}
			life, err := lifetime(expires)
			if err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			until := time.Now().Add(life)
			share, err := service.CreateShare(c.Context(), types.CreateShare{MeshID: args[0], ExpiresAt: &until})
			if err != nil {
				return about(args[0], err)
			}
			if a.json {
				return a.print(share)
			}
			a.remark("%s works until %s. Keep the link: it cannot be shown again.", share.ID, moment(share.ExpiresAt))
			_, err = fmt.Fprintln(a.out.w, strings.TrimRight(service.Server(), "/")+share.Path)
			return err
		},
	}
	c.Flags().StringVar(&expires, "expires", "30d", "how long it works, such as 7d or 12h; a year at most")
	return c
}
