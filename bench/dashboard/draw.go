package main

import (
	"context"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// Measures of the picture, in pixels: Grafana's grid has 24 columns.
const (
	column, row, gap = 50, 34, 8
	edge, head       = 12, 52
	samples          = 150 // of each series
)

var palette = []string{"#5b9a4b", "#c99a1c", "#3f8fc0", "#d9703b", "#c9474c", "#7a6bb5", "#4aa6a0", "#b0607f", "#8a8f98", "#8c6a4f", "#2f5d8a", "#a3b04a"}

var grafana = map[string]string{"green": "#56804a", "orange": "#c9741f", "red": "#b83b41"}

const style = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .heading { font-size: 18px; font-weight: 600; } .row { font-size: 14px; font-weight: 600; } .title { font-weight: 600; }
  .small { font-size: 10.5px; fill: #57606a; } .big { font-size: 30px; font-weight: 600; fill: #ffffff; } .on { fill: #ffffff; }
  .page { fill: #f4f5f5; } .panel { fill: #ffffff; stroke: #d8dade; } .grid { stroke: #e4e6e9; }
  @media (prefers-color-scheme: dark) {
    text { fill: #d8d9da; } .small { fill: #9da7b1; }
    .page { fill: #111217; } .panel { fill: #181b1f; stroke: #2a2d33; } .grid { stroke: #2a2d33; }
  }
`

// drawing is the picture as it grows.
type drawing struct {
	strings.Builder
	from, to time.Time
}

func draw(ctx context.Context, d dashboard, p *prometheus, from, to time.Time) (string, error) {
	g := &drawing{from: from, to: to}
	height := 0
	for _, panel := range d.Panels {
		height = max(height, panel.GridPos.Y+panel.GridPos.H)
	}
	fmt.Fprintf(g, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><style>%s</style><rect class="page" width="100%%" height="100%%"/>`+"\n",
		24*column+2*edge, head+height*row+edge, style)
	g.text(edge+2, 33, "heading", d.Title)
	g.end(24*column+edge-2, 33, "small", fmt.Sprintf("%s, a run of %s", from.UTC().Format("2006-01-02 15:04 MST"), to.Sub(from).Round(time.Second)))
	for _, panel := range d.Panels {
		x, y := edge+panel.GridPos.X*column, head+panel.GridPos.Y*row
		w, h := panel.GridPos.W*column-gap, panel.GridPos.H*row-gap
		if panel.Type == "row" {
			g.text(x+2, y+row-14, "row", panel.Title)
			continue
		}
		var lines []series
		for _, t := range panel.Targets {
			got, err := p.ask(ctx, t.Expr, from, to, to.Sub(from)/samples)
			if err != nil {
				return "", fmt.Errorf("panel %q: %w", panel.Title, err)
			}
			for _, s := range got {
				s.labels = map[string]string{"": legend(t.LegendFormat, s.labels)}
				lines = append(lines, s)
			}
		}
		if panel.Type == "stat" {
			g.stat(panel, lines, x, y, w, h)
		} else {
			g.timeseries(panel, lines, x, y, w, h)
		}
	}
	return g.String() + "</svg>\n", nil
}

func (g *drawing) text(x, y int, class, text string) {
	fmt.Fprintf(g, `<text x="%d" y="%d" class="%s">%s</text>`+"\n", x, y, class, html.EscapeString(text))
}

func (g *drawing) end(x, y int, class, text string) {
	fmt.Fprintf(g, `<text x="%d" y="%d" class="%s" text-anchor="end">%s</text>`+"\n", x, y, class, html.EscapeString(text))
}

// stat draws the last value.
func (g *drawing) stat(p panel, lines []series, x, y, w, h int) {
	said, colour := "No data", grafana["orange"]
	if len(lines) > 0 && len(lines[0].points) > 0 {
		points := lines[0].points
		value := points[len(points)-1].value
		said, colour = units[p.FieldConfig.Defaults.Unit](value), grafana[p.colour(value)]
	}
	fmt.Fprintf(g, `<rect x="%d" y="%d" width="%d" height="%d" rx="3" fill="%s"/>`+"\n", x, y, w, h, colour)
	g.text(x+10, y+20, "title on", p.Title)
	fmt.Fprintf(g, `<text x="%d" y="%d" class="big" text-anchor="middle">%s</text>`+"\n", x+w/2, y+h/2+24, html.EscapeString(said))
}

// timeseries draws lines over time, or areas on each other where the panel stacks them.
func (g *drawing) timeseries(p panel, lines []series, x, y, w, h int) {
	fmt.Fprintf(g, `<rect class="panel" x="%d" y="%d" width="%d" height="%d" rx="3"/>`+"\n", x, y, w, h)
	g.text(x+10, y+20, "title", p.Title)
	if len(lines) == 0 {
		fmt.Fprintf(g, `<text x="%d" y="%d" class="small" text-anchor="middle">No data</text>`+"\n", x+w/2, y+h/2)
		return
	}
	write := units[p.FieldConfig.Defaults.Unit]
	stacked := p.FieldConfig.Defaults.Custom.Stacking.Mode == "normal"
	if stacked {
		lines = stack(lines)
	}
	top := 0.0
	for _, s := range lines {
		for _, at := range s.points {
			top = max(top, at.value)
		}
	}
	if top == 0 {
		top = 1
	}
	top *= 1.05

	below := g.legends(lines, x+12, y+h-10, w-24)
	left, right, up, down := x+62, x+w-12, y+32, below-30
	px := func(at float64) float64 {
		return float64(left) + (at-float64(g.from.UnixMilli())/1e3)/g.to.Sub(g.from).Seconds()*float64(right-left)
	}
	py := func(v float64) float64 { return float64(down) - v/top*float64(down-up) }
	for _, v := range ticks(0, top, 4, p.FieldConfig.Defaults.Unit == "bytes") {
		fmt.Fprintf(g, `<path class="grid" d="M%d %.1fH%d"/>`, left, py(v), right)
		g.end(left-6, int(py(v))+4, "small", write(v))
	}
	for minute := 0.0; minute <= g.to.Sub(g.from).Minutes(); minute++ {
		at := px(float64(g.from.UnixMilli())/1e3 + 60*minute)
		fmt.Fprintf(g, `<text x="%.0f" y="%d" class="small" text-anchor="middle">%.0f min</text>`+"\n", at, down+15, minute)
	}
	for i := len(lines) - 1; i >= 0; i-- { // the first of a stack lies on top
		s := lines[i]
		if len(s.points) == 0 {
			continue
		}
		var path strings.Builder
		for n, at := range s.points {
			fmt.Fprintf(&path, "%c%.1f %.1f", move(n), px(at.at), py(at.value))
		}
		if opacity := p.FieldConfig.Defaults.Custom.FillOpacity / 100; opacity > 0 {
			base := fmt.Sprintf("L%.1f %dL%.1f %dZ", px(s.points[len(s.points)-1].at), down, px(s.points[0].at), down)
			if stacked && i > 0 && len(lines[i-1].points) == len(s.points) {
				base = ""
				for n := len(s.points) - 1; n >= 0; n-- {
					base += fmt.Sprintf("L%.1f %.1f", px(lines[i-1].points[n].at), py(lines[i-1].points[n].value))
				}
				base += "Z"
			}
			fmt.Fprintf(g, `<path d="%s%s" fill="%s" fill-opacity="%.2f"/>`+"\n", path.String(), base, palette[i%len(palette)], opacity)
		}
		fmt.Fprintf(g, `<path d="%s" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", path.String(), palette[i%len(palette)])
	}
}

// move is the command of a path for its nth point.
func move(n int) rune {
	if n == 0 {
		return 'M'
	}
	return 'L'
}

// legends names the lines, in as many rows as it takes; it returns where it begins.
func (g *drawing) legends(lines []series, x, y, w int) int {
	const letter, mark = 6.4, 26
	type entry struct{ row, at int }
	var entries []entry
	rows, at := 1, 0
	for _, s := range lines {
		wide := mark + int(letter*float64(len([]rune(s.labels[""]))))
		if at > 0 && at+wide > w {
			rows, at = rows+1, 0
		}
		entries = append(entries, entry{rows, at})
		at += wide
	}
	for i, e := range entries {
		ey := y - (rows-e.row)*15
		fmt.Fprintf(g, `<rect x="%d" y="%d" width="12" height="3" fill="%s"/>`, x+e.at, ey-5, palette[i%len(palette)])
		g.text(x+e.at+16, ey, "small", lines[i].labels[""])
	}
	return y - (rows-1)*15
}

// stack adds to each series those before it, at the moments of all.
func stack(lines []series) []series {
	sum := map[float64]float64{}
	moments := map[float64]bool{}
	var order []float64
	for _, s := range lines {
		for _, p := range s.points {
			if !moments[p.at] {
				moments[p.at], order = true, append(order, p.at)
			}
		}
	}
	slices.Sort(order)
	out := make([]series, len(lines))
	for i, s := range lines {
		have := map[float64]float64{}
		for _, p := range s.points {
			have[p.at] = p.value
		}
		out[i].labels = s.labels
		for _, at := range order {
			sum[at] += have[at]
			out[i].points = append(out[i].points, point{at, sum[at]})
		}
	}
	return out
}
