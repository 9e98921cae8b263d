package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

// changed names what differs between the requests of a part that come one after the other.
func changed(t *testing.T, was, is spec.Spec) string {
	differs := map[string]bool{
		"another size":       was.Size.Max != is.Size.Max,
		"only the volume":    was.Strategy != is.Strategy,
		"a local refinement": was.Refine == nil && is.Refine != nil,
		"the order":          was.Order != is.Order,
		format:               len(was.Formats) != len(is.Formats),
	}
	if was.Refine != nil && was.Size.Max == is.Size.Max && was.Refine[0].Size != is.Refine[0].Size {
		differs["its size"] = true
	}
	name := same
	for k, d := range differs {
		if d {
			require.Equal(t, same, name, "%s has changed, too", k)
			name = k
		}
	}
	return name
}

func TestBagsAreMixedAsIsSaid(t *testing.T) {
	for _, n := range []int{1, 2, 4} {
		dir, had := t.TempDir(), map[string]bool{}
		next := mixedBags([]byte("ISO-10303-21;\nHEADER;"), 2.5, dir, n)
		for range 200 {
			bag, err := next()
			require.NoError(t, err)
			decks := min(n, maxDecks)
			require.Len(t, bag, decks*deckSize())
			last, meshes, counts := map[*part]spec.Spec{}, map[*part]map[string]bool{}, map[string]int{}
			for _, j := range bag {
				what := first
				if was, begun := last[j.part]; begun {
					what = changed(t, was, j.spec)
				} else {
					meshes[j.part] = map[string]bool{}
					require.False(t, had[string(j.part.content)], "an earlier bag had this file")
					had[string(j.part.content)] = true
				}
				id := j.spec.Identity()
				require.Equal(t, what == same || what == format, meshes[j.part][id], "%s: a mesh that was asked for before", what)
				counts[what]++
				last[j.part], meshes[j.part][id] = j.spec, true
			}
			require.Len(t, last, filesOf(decks))
			for _, k := range kinds {
				require.Equal(t, decks*k.share, counts[k.name], k.name)
			}
		}
		written, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, written, len(had))
	}
}

func TestBagsComeFromTheSeed(t *testing.T) {
	content := []byte("ISO-10303-21;\nHEADER;")
	a, b := mixedBags(content, 2.5, t.TempDir(), 2), mixedBags(content, 2.5, t.TempDir(), 2)
	var orders [][]spec.Spec
	for range 3 {
		one, err := a()
		require.NoError(t, err)
		other, err := b()
		require.NoError(t, err)
		var order []spec.Spec
		for i := range one {
			require.Equal(t, one[i].spec, other[i].spec)
			require.Equal(t, one[i].part.content, other[i].part.content)
			order = append(order, one[i].spec)
		}
		orders = append(orders, order)
	}
	require.NotEqual(t, orders[0], orders[1])
	require.NotEqual(t, orders[1], orders[2])
}

func TestAPartThatIsNoSTEPFileCannotBeManyFiles(t *testing.T) {
	_, err := newPart([]byte("solid box"), filepath.Join(t.TempDir(), "part.stl"), "mixed-1")
	require.EqualError(t, err, `mixed-1: the part is no STEP file: it has no "ISO-10303-21;"`)
}
