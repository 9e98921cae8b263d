package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// dashboard is as much of Grafana's as the file uses.
type dashboard struct {
	Title  string
	Panels []panel
}

type panel struct {
	Type, Title string
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct {
		Defaults struct {
			Unit       string
			Min        *float64
			Thresholds struct{ Steps []threshold }
			Custom     struct {
				FillOpacity float64
				Stacking    struct{ Mode string }
			}
		}
	}
	Targets []struct{ Expr, LegendFormat string }
}

type threshold struct {
	Color string
	Value *float64 // nil: from the lowest on
}

func readDashboard(path string) (d dashboard, err error) {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range d.Panels {
		switch p.Type {
		case "row", "stat", "timeseries":
		default:
			return d, fmt.Errorf("%s: panel %q is a %s, which is not drawn here", path, p.Title, p.Type)
		}
		if _, known := units[p.FieldConfig.Defaults.Unit]; p.Type != "row" && !known {
			return d, fmt.Errorf("%s: panel %q is in %q, a unit that is not known here", path, p.Title, p.FieldConfig.Defaults.Unit)
		}
	}
	return d, nil
}

// colour is that of the highest threshold that a value reaches.
func (p panel) colour(value float64) (colour string) {
	for _, t := range p.FieldConfig.Defaults.Thresholds.Steps {
		if t.Value == nil || value >= *t.Value {
			colour = t.Color
		}
	}
	return colour
}

var placeholder = regexp.MustCompile(`{{\s*(\w+)\s*}}`)

// legend names a series as the target says.
func legend(format string, labels map[string]string) string {
	return placeholder.ReplaceAllStringFunc(format, func(m string) string { return labels[placeholder.FindStringSubmatch(m)[1]] })
}

// units write a value by Grafana's name of its unit.
var units = map[string]func(v float64) string{
	"short":       func(v float64) string { return scaled(v, 1000, "", " K", " Mil") },
	"reqps":       func(v float64) string { return scaled(v, 1000, " req/s", "K req/s") },
	"bytes":       func(v float64) string { return scaled(v, 1024, " B", " KiB", " MiB", " GiB") },
	"Bps":         func(v float64) string { return scaled(v, 1000, " B/s", " kB/s", " MB/s", " GB/s") },
	"percentunit": func(v float64) string { return significant(100*v) + "%" },
	"s": func(v float64) string {
		switch {
		case v == 0 || v >= 1 && v < 60:
			return significant(v) + " s"
		case v >= 60:
			return significant(v/60) + " min"
		case v >= 1e-3:
			return significant(v*1e3) + " ms"
		}
		return significant(v*1e6) + " µs"
	},
}

func scaled(v, step float64, names ...string) string {
	i := 0
	for ; v >= step && i < len(names)-1; i++ {
		v /= step
	}
	return significant(v) + names[i]
}

// significant writes three digits, without noughts that say nothing.
func significant(v float64) string {
	if v == 0 {
		return "0"
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	return strconv.FormatFloat(math.Round(v*math.Pow10(digits))/math.Pow10(digits), 'f', -1, 64)
}

// ticks are some round values from lo to hi: round as a number, or as one of KiB, MiB and so on.
func ticks(lo, hi float64, most int, binary bool) (at []float64) {
	one := 1.0
	for binary && hi/one >= 1024 {
		one *= 1024
	}
	raw := (hi - lo) / float64(most)
	step := one * math.Pow10(int(math.Floor(math.Log10(raw/one))))
	for _, by := range []float64{1, 2, 5, 10} {
		if by*step >= raw {
			step *= by
			break
		}
	}
	for i := math.Ceil(lo / step); i*step <= hi*(1+1e-9); i++ {
		at = append(at, i*step)
	}
	return at
}
