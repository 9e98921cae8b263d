package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// overhead is what the service adds to what an engine takes: what `make bench` measured, rounded up.
const overhead = 20 * time.Millisecond

// measuredRow is Meshgen's in the table of a file: verdict, seconds of wall time.
var measuredRow = regexp.MustCompile(`(?m)^\| Meshgen \| ok[^|]*\| ([0-9.]+) \|`)

// measured returns how long each file took to be read and meshed.
func measured(path string) ([]time.Duration, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []time.Duration
	for _, row := range measuredRow.FindAllStringSubmatch(string(text), -1) {
		seconds, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, time.Duration(seconds*float64(time.Second))+overhead)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no times of Meshgen", path)
	}
	return out, nil
}

func mean(v []time.Duration) (sum time.Duration) {
	for _, d := range v {
		sum += d
	}
	return sum / time.Duration(len(v))
}

// steady are times at which independent people ask.
func steady(perHour float64, n int, seed uint64) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 1))
	out := make([]time.Duration, n)
	at := 0.0
	for i := range out {
		at += random.ExpFloat64() / perHour
		out[i] = time.Duration(at * float64(time.Hour))
	}
	return out
}

// day is a load that rises and falls around a mean once, with a burst of jobs after a third of it and after two.
func day(perHour float64, length time.Duration, burst int, seed uint64) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 2))
	var out []time.Duration
	for at := 0.0; ; {
		at += random.ExpFloat64() / (2 * perHour)
		t := time.Duration(at * float64(time.Hour))
		if t > length {
			break
		}
		if share := 0.5 * (1 - math.Cos(2*math.Pi*float64(t)/float64(length))); random.Float64() < share {
			out = append(out, t)
		}
	}
	for range burst {
		out = append(out, length/3, 2*length/3)
	}
	slices.Sort(out)
	return out
}
