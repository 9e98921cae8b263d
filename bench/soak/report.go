package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"meshgen/bench/machine"
	"meshgen/bench/times"
	"meshgen/internal/diagnosis"
	"meshgen/internal/pool"
)

// audit is what the service says of the jobs when all is done.
type audit struct {
	listed   int            // meshes
	lost     int            // that a client was told of, and that are not there or have not ended as it was told
	failed   map[string]int // with a reason, by its code
	doubled  int            // there, or told, twice
	unasked  int            // there, and nobody asked for them
	files    int            // whose bytes were read
	badFiles []string
}

// sampled is of how many meshes the files are read once.
const sampled = 40

func (l *load) audit(ctx context.Context) (audit, error) {
	a := audit{failed: map[string]int{}}
	seen := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Items []struct{ ID, Status string }
			Next  string `json:"next_cursor"`
		}
		if err := l.s.Get(ctx, "/v1/meshes?limit=200&cursor="+url.QueryEscape(cursor), &page); err != nil {
			return a, err
		}
		for _, m := range page.Items {
			a.listed++
			seen[m.ID]++
			switch {
			case l.asked[m.ID] == 0:
				a.unasked++
			case (m.Status == "failed") != (l.failed[m.ID] != ""), m.Status != "failed" && m.Status != "succeeded":
				a.lost++
			case m.Status == "failed":
				a.failed[code(l.failed[m.ID])]++
			case a.listed%sampled == 0:
				if err := l.readFiles(ctx, m.ID, &a); err != nil {
					return a, err
				}
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for id, n := range l.asked {
		if seen[id] == 0 {
			a.lost++
		}
		if seen[id] > 1 || n > 1 {
			a.doubled++
		}
	}
	return a, nil
}

// code returns the code of a reason.
func code(reason string) string {
	var d struct{ Code string }
	if err := json.Unmarshal([]byte(reason), &d); err != nil {
		return reason
	}
	return d.Code
}

// accidents are codes of failures that lie in no file and no request.
var accidents = []diagnosis.Code{diagnosis.EngineCrashed, diagnosis.Internal, diagnosis.OutOfMemory, diagnosis.TimeLimit}

// readFiles compares the bytes of a mesh's files with what is said of them.
func (l *load) readFiles(ctx context.Context, id string, a *audit) error {
	var m struct {
		Artifacts []struct {
			Name, SHA256, URL string
			Size              int64
		}
	}
	if err := l.s.Get(ctx, "/v1/meshes/"+id, &m); err != nil {
		return err
	}
	for _, file := range m.Artifacts {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept-Encoding", "identity")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		h := sha256.New()
		n, err := io.Copy(h, resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		a.files++
		if n != file.Size || hex.EncodeToString(h.Sum(nil)) != file.SHA256 {
			a.badFiles = append(a.badFiles, id+"/"+file.Name)
		}
	}
	return nil
}

func (l *load) verdict(a audit) error {
	var bad []error
	if err := l.growth().judge(l.o.jobs, l.o.engines); err != nil {
		bad = append(bad, err)
	}
	if n := a.lost + a.doubled + a.unasked + len(a.badFiles); n > 0 {
		bad = append(bad, fmt.Errorf("%d meshes or files are not as they should be", n))
	}
	for _, c := range accidents {
		if n := a.failed[string(c)]; n > 0 {
			bad = append(bad, fmt.Errorf("%d meshes failed by %s", n, c))
		}
	}
	for cause, n := range l.looks[len(l.looks)-1].replaced {
		if n > 0 && (cause != string(pool.CauseWanted) || n > 1+l.o.jobs/wantedEvery) {
			bad = append(bad, fmt.Errorf("%d engines were replaced: %s", n, cause))
		}
	}
	return errors.Join(bad...)
}

func (l *load) table(a audit) string {
	var t strings.Builder
	first, last, g := l.looks[0], l.looks[len(l.looks)-1], l.growth()
	fmt.Fprintf(&t, "# Many jobs, one after the other\n\nMade by `make soak`, %s: %d meshes of %d small parts, %d engines, seed %d. %s.\n\n",
		last.at.UTC().Format("2006-01-02 15:04 MST"), l.o.jobs, len(l.orders.parts), l.o.engines, l.o.seed, machine.Processor())
	yes := map[bool]string{true: "yes", false: "**no**"}
	fmt.Fprintf(&t, "| | | wanted | reached |\n|---|--:|--:|---|\n")
	fmt.Fprintf(&t, "| growth of the engines' resident memory, each after its first %d jobs | %.1f %% | < %.0f %% | %s |\n", warmAfter(l.o.jobs, l.o.engines), 100*g.share(), 100*allowed, yes[g.judge(l.o.jobs, l.o.engines) == nil])
	for _, row := range []struct {
		what string
		n    int
	}{
		{"lost: told to a client, and not there as it was told", a.lost}, {"there or told twice", a.doubled},
		{"there, and asked for by nobody", a.unasked}, {"files whose bytes are others than their row says", len(a.badFiles)},
	} {
		fmt.Fprintf(&t, "| %s | %d | 0 | %s |\n", row.what, row.n, yes[row.n == 0])
	}
	fmt.Fprintf(&t, "\nOf the growth of %d engines, %+.1f MiB are their own, of which they had %.1f MiB then; %+.1f MiB are pages of programs and libraries that they came by for the first time.\n",
		g.engines, mebibytes(g.after.own-g.before.own), mebibytes(g.before.own), mebibytes(g.after.shared-g.before.shared))
	fmt.Fprintf(&t, "\n%d meshes are listed, of which %d have the result of another; %d files were read again. %d files of CAD were imported.\n", a.listed, l.reused, a.files, l.uploads)
	for _, c := range slices.Sorted(maps.Keys(a.failed)) {
		fmt.Fprintf(&t, "%d could not be made as they were asked for, and said so: `%s`.\n", a.failed[c], c)
	}
	for _, w := range l.refused {
		fmt.Fprintf(&t, "\n    %s\n\n", w)
	}
	fmt.Fprintf(&t, "It took %.0f s: %.1f meshes a second; a mesh took %s ms in the median, %s at p95, %s at most.\n\n", last.at.Sub(first.at).Seconds(),
		float64(l.o.jobs)/last.at.Sub(first.at).Seconds(), times.Milliseconds(times.Median(l.took)), times.Milliseconds(times.Quantile(l.took, 0.95)), times.Milliseconds(times.Quantile(l.took, 1)))
	for _, cause := range slices.Sorted(maps.Keys(last.replaced)) {
		if n := last.replaced[cause]; n > 0 {
			fmt.Fprintf(&t, "Engines replaced: %d, `%s`.\n\n", n, cause)
		}
	}
	fmt.Fprint(&t, "Resident memory in MiB while nothing was under way:\n\n| after jobs | engines | of these their own | pages of programs and libraries | worker | engines replaced |\n|--:|--:|--:|--:|--:|--:|\n")
	for _, k := range l.looks[1:] {
		m := k.sum()
		replaced := 0
		for _, n := range k.replaced {
			replaced += n
		}
		fmt.Fprintf(&t, "| %d | %.1f | %.1f | %.1f | %.1f | %d |\n", k.jobs, mebibytes(m.all()), mebibytes(m.own), mebibytes(m.shared), mebibytes(k.worker.all()), replaced)
	}
	return t.String()
}
