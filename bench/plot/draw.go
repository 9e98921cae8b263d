package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Measures of the picture, in pixels.
const (
	width, margin = 880, 24
	names         = 300 // of the changes, left of the bars
	top           = 118
	bar, gap      = 13, 2
	perRow        = 3*(bar+gap) + 14
	numbers       = 60 // right of the longest bar
)

// style colours the picture by what the reader prefers. The ground is drawn too: a page may be light where the reader's system is dark.
const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .small { font-size: 12px; fill: #57606a; }
  .ground { fill: #ffffff; stroke: #d0d7de; }
  .cold { fill: #afb8c1; } .warm { fill: #6e9bd1; } .ours { fill: #0a7d5a; }
  .number { font-size: 11px; fill: #57606a; } .ours-number { font-weight: 600; fill: #0a7d5a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small, .number { fill: #9da7b1; }
    .ground { fill: #0d1117; stroke: #30363d; }
    .cold { fill: #59636e; } .warm { fill: #4a78b5; } .ours { fill: #3fb88c; } .ours-number { fill: #3fb88c; }
  }
`

// draw returns the picture as SVG.
func draw(rows []row) string {
	longest := 0.0
	for _, r := range rows {
		for _, ms := range r.took {
			longest = math.Max(longest, ms)
		}
	}
	scale := (width - 2*margin - names - numbers) / longest
	height := top + len(rows)*perRow + margin/2
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"title\">What a change costs: milliseconds for each of %d requests, one after the other</title>\n<style>%s</style>\n", len(rows), style)
	fmt.Fprintf(&b, `<rect class="ground" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", width-1, height-1)
	text := func(x, y int, class, anchor, s string) {
		fmt.Fprintf(&b, `<text x="%d" y="%d" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor, html.EscapeString(s))
	}
	text(margin, 36, "title", "start", "What a change costs, in milliseconds")
	x := margin
	for _, s := range series {
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="58" width="12" height="12" rx="2"/>`+"\n", s.class, x)
		text(x+18, 69, "small", "start", s.legend)
		x += 40 + 6*len(s.legend)
	}
	text(margin, 96, "small", "start", "Medians; each request changes one thing of the one above it. Meshgen's meshes are checked, read back and stored.")
	for i, r := range rows {
		y := top + i*perRow
		text(margin+names-14, y+perRow/2-2, "", "end", r.name)
		for k, ms := range r.took {
			at := y + k*(bar+gap)
			long := ms * scale
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`+"\n", series[k].class, margin+names, at, math.Max(1, long), bar)
			text(margin+names+int(long)+6, at+bar-2, "number "+series[k].class+"-number", "start", milliseconds(ms))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func milliseconds(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}
