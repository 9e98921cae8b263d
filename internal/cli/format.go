package cli

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// count returns a number with its thousands set apart.
func count(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size returns bytes in the decimal unit that fits, as file managers do.
func size(bytes int64) string {
	v, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if v < 999.5 {
			break
		}
		v, unit = v/1000, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.0f %s", v, unit)
}

// seconds returns a duration with the precision that matters to a person who waits.
func seconds(s float64) string {
	switch {
	case s < 0.0995:
		return fmt.Sprintf("%.0f ms", 1000*s)
	case s < 9.995:
		return fmt.Sprintf("%.2f s", s)
	case s < 99.95:
		return fmt.Sprintf("%.1f s", s)
	}
	d := time.Duration(math.Round(s)) * time.Second
	if d < time.Hour {
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

// moment returns a time as a table shows it.
func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// number returns a measure with the digits that mean something.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func percent(share float64) string {
	return fmt.Sprintf("%3.0f %%", math.Floor(100*min(max(share, 0), 1)))
}
