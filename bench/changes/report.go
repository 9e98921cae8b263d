package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/engine"
)

// table holds what each change took, by way.
type table struct {
	names   []string
	took    map[string]map[string][]time.Duration
	timings map[string]map[string][]map[engine.Stage]time.Duration
	used    map[string]map[string][][]service.Used // of each request, by process
	answers map[string][]time.Duration             // when the floor has answered
}

func (t *table) add(way string, changes []change) {
	if t.took == nil {
		t.took = map[string]map[string][]time.Duration{}
		t.timings = map[string]map[string][]map[engine.Stage]time.Duration{}
		t.used = map[string]map[string][][]service.Used{}
		t.answers = map[string][]time.Duration{}
	}
	if t.took[way] == nil {
		t.took[way] = map[string][]time.Duration{}
		t.timings[way] = map[string][]map[engine.Stage]time.Duration{}
		t.used[way] = map[string][][]service.Used{}
	}
	for _, c := range changes {
		if !slices.Contains(t.names, c.name) {
			t.names = append(t.names, c.name)
		}
		t.took[way][c.name] = append(t.took[way][c.name], c.took)
		stages := map[engine.Stage]time.Duration{}
		for _, timing := range c.timings {
			stages[timing.Stage] += time.Duration(timing.Seconds * float64(time.Second))
		}
		t.timings[way][c.name] = append(t.timings[way][c.name], stages)
		t.used[way][c.name] = append(t.used[way][c.name], c.used)
		if way == "floor" {
			t.answers[c.name] = append(t.answers[c.name], c.answered)
		}
	}
}

// report is the tables, in Markdown.
type report struct{ strings.Builder }

func (r *report) header(o options, own bool) {
	fmt.Fprintf(r, "# What a change costs\n\nMade by `make bench`, %s. Part: `%s`, longest edge %g mm, 12 elements a circle, one thread.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), filepath.Base(o.part), o.edge)
	fmt.Fprintf(r, "| machine | |\n|---|---|\n| processor | %s |\n| kernel | %s |\n| Go | %s |\n", machine.Processor(), machine.Said("uname", "-r"), runtime.Version())
	if own {
		fmt.Fprintf(r, "| servers | %s; %s; fsync on |\n", machine.Said("postgres", "--version"), machine.Said("redis-server", "--version"))
	}
	fmt.Fprintf(r, "| load average before the tables were made | %s |\n", machine.Load())
}

// targetOver and targetSame are what the service is meant to reach: its median over the floor, and that of the same request again.
const targetOver, targetSame = 10 * time.Millisecond, 15 * time.Millisecond

func (r *report) changes(o options, t table) {
	fmt.Fprintf(r, "\n## One change after the other\n\nMedians in ms; p95 in brackets. Wanted: %s ms over the floor at most, and %s ms for the same again.\n\n", times.Milliseconds(targetOver), times.Milliseconds(targetSame))
	fmt.Fprint(r, "| changed | cold Python | cold engine | warm loop, Gmsh alone | the floor | **Meshgen** | over the floor | reached | over its answer | of warm loop |\n|---|--:|--:|--:|--:|--:|--:|---|--:|--:|\n")
	for _, name := range t.names {
		cell := func(way string) string {
			v := t.took[way][name]
			if times.Median(v) == 0 {
				return "-"
			}
			return fmt.Sprintf("%s (%s)", times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.95)))
		}
		served, floor := t.took["service"][name], t.took["floor"][name]
		pairs, answers := make([]time.Duration, len(served)), make([]time.Duration, len(served))
		for i := range served {
			pairs[i], answers[i] = served[i]-floor[i], served[i]-t.answers[name][i]
		}
		over, limit, overAnswer := times.Median(pairs), targetOver, spread(answers)
		if times.Median(floor) == 0 {
			limit, overAnswer = targetSame, "-"
		}
		ratio := "-"
		if loop := times.Median(t.took["loop"][name]); loop > 0 {
			ratio = fmt.Sprintf("%.2f", float64(times.Median(served))/float64(loop))
		}
		fmt.Fprintf(r, "| %s | %s | %s | %s | %s | **%s** | %s | %s | %s | %s |\n", name, cell("python"), cell("engine"), cell("loop"), cell("floor"),
			cell("service"), spread(pairs), answer(over <= limit), overAnswer, ratio)
	}
	fmt.Fprintf(r, "\n%d rounds of the warm ways, %d of the cold ones. All ways make one change before any makes the next; Meshgen and the floor do so one right after the other, in a random order. "+
		"*Over the floor* is the median over these pairs, with their quartiles in brackets. The floor's time is until its process has done what the request asks of it: it has answered, put away what it keeps for the next, "+
		"and given memory back. Meshgen answers before its engine does the last two; *over its answer* is what Meshgen takes over the moment at which the floor has its result.\n", o.rounds, o.cold)
}

// spread writes the median of durations with their quartiles.
func spread(v []time.Duration) string {
	return fmt.Sprintf("%s (%s to %s)", times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.25)), times.Milliseconds(times.Quantile(v, 0.75)))
}

func answer(reached bool) string {
	if reached {
		return "yes"
	}
	return "no"
}

// processors shows the processor time of a change, which other work on the machine hardly changes, and who uses it.
func (r *report) processors(t table) {
	if len(t.names) == 0 || len(t.used["service"][t.names[0]]) == 0 {
		return
	}
	fmt.Fprint(r, "\nProcessor time of the same, in ms (medians). Of the floor it is that of the engine and of the program that gives it its orders, as the worker does in Meshgen; who asks Meshgen is that program, too, and counts as well. "+
		"What is done after the result is of the change.\n\n")
	r.processHead("| changed | the floor | Meshgen | **over the floor** ", t.used["service"][t.names[0]][0])
	for _, name := range t.names {
		served, floor := t.used["service"][name], t.used["floor"][name]
		var alone, all, over []time.Duration
		by := make([][]time.Duration, len(served[0]))
		for i := range served {
			a, f := total(served[i]), total(floor[i])
			all, alone, over = append(all, a), append(alone, f), append(over, a-f)
			for k, u := range served[i] {
				by[k] = append(by[k], u.Time)
			}
		}
		fmt.Fprintf(r, "| %s | %s | %s | **%s** |", name, times.Milliseconds(times.Median(alone)), times.Milliseconds(times.Median(all)), spread(over))
		for _, v := range by {
			fmt.Fprintf(r, " %s |", times.Milliseconds(times.Median(v)))
		}
		r.WriteByte('\n')
	}
}

// processHead begins a table with a column for each of Meshgen's processes; the first column is of words.
func (r *report) processHead(first string, used []service.Used) {
	fmt.Fprint(r, first)
	for i, u := range used {
		if i == 0 {
			r.WriteString("| Meshgen: ")
		} else {
			r.WriteString(" | ")
		}
		r.WriteString(u.Name)
	}
	r.WriteString(" |\n|---|" + strings.Repeat("--:|", strings.Count(first, "|")-1+len(used)) + "\n")
}

func total(used []service.Used) (all time.Duration) {
	for _, u := range used {
		all += u.Time
	}
	return all
}

// shares shows of what a change costs over the floor: the service's own part of a request, and by how much the engine's stages are
// slower beside it than alone, on processors that all share.
func (r *report) shares(t table) {
	fmt.Fprint(r, "\nWhat that is made of, in ms: what is no engine's within the request itself, and how much longer the engine's stages take beside the service than alone "+
		"(medians over the pairs). The floor's engine tidies as long as the last column says, and Meshgen's does so after the answer.\n\n"+
		"| changed | no engine's | fetch | upload, not overlapped | meshing slower | export slower | quality slower | the floor tidies |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	meshing := []engine.Stage{engine.StageImport, engine.StageHeal, engine.Stage1D, engine.Stage2D, engine.Stage3D, engine.StageOptimize}
	for _, name := range t.names {
		served, alone, took := t.timings["service"][name], t.timings["floor"][name], t.took["service"][name]
		if times.Median(t.took["floor"][name]) == 0 {
			continue
		}
		median := func(of func(i int) time.Duration) string {
			v := make([]time.Duration, len(served))
			for i := range v {
				v[i] = of(i)
			}
			return times.Milliseconds(times.Median(v))
		}
		slower := func(stages ...engine.Stage) string {
			return median(func(i int) (d time.Duration) {
				for _, s := range stages {
					d += served[i][s] - alone[i][s]
				}
				return d
			})
		}
		fmt.Fprintf(r, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", name,
			median(func(i int) time.Duration {
				d := took[i]
				for s, of := range served[i] {
					if s != engine.StageFetch && s != engine.StageUpload {
						d -= of
					}
				}
				return d
			}),
			median(func(i int) time.Duration { return served[i][engine.StageFetch] }), median(func(i int) time.Duration { return served[i][engine.StageUpload] }),
			slower(meshing...), slower(engine.StageExport), slower(engine.StageQuality),
			median(func(i int) time.Duration { return t.took["floor"][name][i] - t.answers[name][i] }))
	}
}
