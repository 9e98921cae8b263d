// Command plot draws the table of bench/results/changes.md as a picture for the README, readable on light and on dark pages.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	table := flag.String("table", "bench/results/changes.md", "result of `make bench`")
	out := flag.String("out", "docs/images/changes.svg", "where to draw it")
	flag.Parse()
	if err := run(*table, *out); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(table, out string) error {
	text, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	rows, err := readTable(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return os.WriteFile(out, []byte(draw(rows)), 0o644)
}
