package main

import (
	"fmt"
	"time"

	"meshgen/bench/times"
)

func (r *report) againstTheFloor(o options, all []throughput) {
	fmt.Fprintf(r, "\n## Throughput against the floor\n\nBags of mixed jobs of one part that all have read (sizes, Delaunay and HXT, orders 1 and 2), none of which an earlier result answers, against as many warm engines as Meshgen has, which keep the same "+
		"and do the same stages, checks and writes, with no service around them. %s\n\n", inPairs(o))
	r.throughput("floor", "N engines alone", all)
}

func (r *report) againstLoops(o options, all []throughput) {
	fmt.Fprintf(r, "\n## Throughput of mixed work against Gmsh alone\n\nBags of requests as people may send them, against as many warm loops around Gmsh, each in a process of its own that keeps nothing: it makes each mesh from the file on and writes the same files, and checks nothing. "+
		"Of each %d requests of a bag, in random order, over %d files with content of their own: %s. Meshgen is given a file with the first request of it, and its import counts. %s\n\n", deckSize(), filesOf(1), mixture(), inPairs(o))
	r.throughput("Gmsh", "N loops of Gmsh alone", all)
	fmt.Fprint(r, "\nMeshgen need not do all of this: *answered by an earlier result* are the jobs that nothing was meshed for (the same again, and one more format, which is written of the mesh), and an engine that has read the part, or has its curves and faces as a "+
		"job wants them, begins there. The other table of throughput says what Meshgen costs where its peer has the same of that. How often each kind of request comes is an assumption.\n")
}

// inPairs says how two sides are compared.
func inPairs(o options) string {
	return fmt.Sprintf("Seed %d; as many jobs at a time as there are engines, and of Meshgen one more. Both get the same bag in the same order, one right after the other, %d times: the peer, Meshgen, Meshgen, the peer and so on. "+
		"Medians over the bags; of shares over the pairs, with their quartiles. Wanted: %.0f %%.", seed, o.bags, 100*targetShare)
}

func (r *report) throughput(who, peer string, all []throughput) {
	fmt.Fprintf(r, "| engines | jobs | %s, jobs/s | Meshgen, jobs/s | **share** | by processor time | answered by an earlier result | reached |\n|--:|--:|--:|--:|--:|--:|--:|---|\n", peer)
	for _, t := range all {
		wall, processor := t.shares()
		fmt.Fprintf(r, "| %d | %d | %.2f | %.2f | **%s** | %s | %.0f %% | %s |\n", t.n, t.jobs, times.Median(t.peer.rates), times.Median(t.served.rates),
			percent(wall), percent(processor), 100*float64(t.served.kept)/float64(t.jobs), answer(times.Median(wall) >= targetShare))
	}
	fmt.Fprint(r, "\n*By processor time* is what a job costs in all processes of the peer, of what it costs in all of Meshgen's; who asks counts on either side, and so does what is done after the last result of a bag, before the other side begins. Busy processors can do "+
		"no more than that, and other work on the machine hardly changes it. What it is made of, in ms a job:\n\n")
	for i, t := range all {
		if i == 0 {
			r.processHead("| engines | "+who+": "+t.peer.shares[0].Name+" | who asks ", t.served.shares)
		}
		fmt.Fprintf(r, "| %d |", t.n)
		for _, s := range []*side{t.peer, t.served} {
			for _, u := range s.shares {
				fmt.Fprintf(r, " %s |", times.Milliseconds(u.Time/time.Duration(t.jobs)))
			}
		}
		r.WriteByte('\n')
	}
}

// percent writes the median of shares with their quartiles.
func percent(v []float64) string {
	return fmt.Sprintf("%.0f %% (%.0f to %.0f)", 100*times.Median(v), 100*times.Quantile(v, 0.25), 100*times.Quantile(v, 0.75))
}
