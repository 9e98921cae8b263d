package cli

import (
	"slices"
	"strings"
)

// table is text in columns that line up.
type table struct {
	head  []string
	right []bool // columns of numbers
	rows  [][]string
}

// newTable takes the heads of the columns; one that begins with ">" is of numbers.
func newTable(heads ...string) *table {
	t := &table{}
	for _, h := range heads {
		name, right := strings.CutPrefix(h, ">")
		t.head = append(t.head, name)
		t.right = append(t.right, right)
	}
	return t
}

func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = printable(strings.ReplaceAll(cells[i], "\n", " "))
	}
	t.rows = append(t.rows, cells)
}

// print writes the table; paint may colour a cell that has been laid out.
func (t *table) print(s screen, paint func(column int, cell string) style) {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	var b strings.Builder
	write := func(row []string, how func(column int, cell string) style) {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-columns(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if how != nil {
				if st := how(i, cell); st != "" {
					cell = s.paint(st, cell)
				}
			}
			switch {
			case t.right[i]:
				line.WriteString(gap + cell)
			case i == len(row)-1:
				line.WriteString(cell)
			default:
				line.WriteString(cell + gap)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	write(t.head, func(int, string) style { return dim })
	for _, row := range t.rows {
		write(row, paint)
	}
	s.write(b.String())
}

// statusStyle colours a status.
func statusStyle(status string) style {
	switch {
	case status == "succeeded":
		return green
	case status == "failed":
		return red
	case strings.HasPrefix(status, "running"):
		return cyan
	case status == "canceled":
		return yellow
	}
	return ""
}

// index returns the column of a head, -1 if there is none.
func (t *table) index(head string) int { return slices.Index(t.head, head) }
