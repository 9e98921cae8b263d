package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A plot is SVG, written by hand: two axes and some lines.
const (
	plotWidth, plotHeight = 760, 360
	left, right           = 64, 16
	top, bottom           = 40, 44
)

var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#999999", "#f0e442"}

type plot struct {
	strings.Builder
	x0, x1, y0, y1 float64
	logY           bool
}

func newPlot(title, x, y string, x0, x1, y0, y1 float64, logY bool) *plot {
	p := &plot{x0: x0, x1: x1, y0: y0, y1: y1, logY: logY}
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(p, `<rect width="100%%" height="100%%" fill="white"/><text x="%d" y="20" font-size="14">%s</text>`+"\n", left, title)
	fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#888"/>`+"\n", left, top, plotWidth-left-right, plotHeight-top-bottom)
	fmt.Fprintf(p, `<text x="%d" y="%d" text-anchor="middle">%s</text><text transform="translate(16 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n",
		(left+plotWidth-right)/2, plotHeight-8, x, (top+plotHeight-bottom)/2, y)
	return p
}

func (p *plot) at(x, y float64) (float64, float64) {
	v, lo, hi := y, p.y0, p.y1
	if p.logY {
		v, lo, hi = math.Log(max(y, p.y0)), math.Log(p.y0), math.Log(p.y1)
	}
	return left + (x-p.x0)/(p.x1-p.x0)*(plotWidth-left-right), plotHeight - bottom - (v-lo)/(hi-lo)*(plotHeight-top-bottom)
}

func (p *plot) tickX(x float64, label string) {
	px, _ := p.at(x, p.y1)
	fmt.Fprintf(p, `<text x="%.0f" y="%d" text-anchor="middle">%s</text>`+"\n", px, plotHeight-bottom+16, label)
}

func (p *plot) tickY(y float64, label string) {
	_, py := p.at(p.x0, y)
	fmt.Fprintf(p, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.0f" text-anchor="end">%s</text>`+"\n", left, py, plotWidth-right, left-6, py+4, label)
}

func (p *plot) line(n int, label string, xs, ys []float64, dots bool) {
	colour := colours[n%len(colours)]
	fmt.Fprintf(p, `<polyline fill="none" stroke="%s" stroke-width="1.5" points="`, colour)
	for i := range xs {
		x, y := p.at(xs[i], ys[i])
		fmt.Fprintf(p, "%.1f,%.1f ", x, y)
	}
	fmt.Fprint(p, `"/>`+"\n")
	for i := range xs {
		if x, y := p.at(xs[i], ys[i]); dots {
			fmt.Fprintf(p, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x, y, colour)
		}
	}
	fmt.Fprintf(p, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", left+8, top+16+15*n, colour, label)
}

func (p *plot) done() string { return p.String() + "</svg>\n" }

// plotFleets draws waiting against how busy the workers are.
func plotFleets(runs []fleet) string {
	p := newPlot("Waiting, p95, with workers that stay", "share of the time that engines are busy", "seconds", 0, 1, 0.01, 100, true)
	for _, y := range []float64{0.01, 0.1, 1, 10, 100} {
		p.tickY(y, fmt.Sprint(y))
	}
	for x := 0; x <= 100; x += 20 {
		p.tickX(float64(x)/100, fmt.Sprintf("%d %%", x))
	}
	n := 0
	for i := 0; i < len(runs); n++ {
		workers := runs[i].workers
		var xs, ys []float64
		for ; i < len(runs) && runs[i].workers == workers; i++ {
			xs, ys = append(xs, runs[i].busy), append(ys, runs[i].wait(0.95).Seconds())
		}
		p.line(n, fmt.Sprintf("%d workers", workers), xs, ys, true)
	}
	return p.done()
}

// plotScaling draws how many workers there were over time.
func plotScaling(runs []scaled) string {
	var last time.Duration
	for _, s := range runs {
		last = max(last, s.course[len(s.course)-1].at)
	}
	p := newPlot("Workers, as KEDA has them come and go", "minutes", "workers", 0, last.Minutes(), 0, 11, false)
	for y := 0; y <= 10; y += 2 {
		p.tickY(float64(y), fmt.Sprint(y))
	}
	for x := 0; float64(x) <= last.Minutes(); x += 10 {
		p.tickX(float64(x), fmt.Sprint(x))
	}
	n := 0
	for _, s := range runs {
		if s.name != "the chart's defaults" && s.name != "1 job a worker" && s.name != "cooldown 1 min" {
			continue
		}
		var xs, ys []float64
		for i, m := range s.course {
			if i == 0 || m.workers != s.course[i-1].workers {
				if i > 0 {
					xs, ys = append(xs, m.at.Minutes()), append(ys, float64(s.course[i-1].workers))
				}
				xs, ys = append(xs, m.at.Minutes()), append(ys, float64(m.workers))
			}
		}
		xs, ys = append(xs, s.course[len(s.course)-1].at.Minutes()), append(ys, float64(s.course[len(s.course)-1].workers))
		p.line(n, s.name, xs, ys, false)
		n++
	}
	return p.done()
}
