package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// series are the columns that are drawn, by what the table calls them.
var series = []struct{ column, legend, class string }{
	{"cold Python", "a Python process a request", "cold"},
	{"warm loop, Gmsh alone", "Gmsh in a warm loop, nothing kept or checked", "warm"},
	{"**Meshgen**", "Meshgen, from request to success seen", "ours"},
}

// row is a change and the medians of each series in ms; 0 is none.
type row struct {
	name string
	took []float64
}

// readTable finds the table of changes in the text of a result.
func readTable(text string) ([]row, error) {
	var columns []int
	var rows []row
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "changed" && columns == nil:
			for _, s := range series {
				i := slices.Index(cells, s.column)
				if i < 0 {
					return nil, fmt.Errorf("the table has no column %q", s.column)
				}
				columns = append(columns, i)
			}
		case columns == nil || strings.HasPrefix(cells[0], "---"):
		case len(cells) <= slices.Max(columns):
			if len(rows) > 0 {
				return rows, nil
			}
		default:
			r := row{name: cells[0]}
			for _, i := range columns {
				ms, err := median(cells[i])
				if err != nil {
					return nil, fmt.Errorf("%s: %w", r.name, err)
				}
				r.took = append(r.took, ms)
			}
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil, errors.New("there is no table of changes")
	}
	return rows, nil
}

// median reads a cell such as "**216.9 (229.1)**".
func median(cell string) (float64, error) {
	number, _, _ := strings.Cut(strings.Trim(cell, "*"), " ")
	if number == "-" {
		return 0, nil
	}
	return strconv.ParseFloat(number, 64)
}
