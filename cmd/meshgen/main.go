// Command meshgen meshes CAD files: on this machine with no server, or with a Meshgen service over HTTP.
package main

import (
	"os"

	"meshgen/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
