package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"meshgen/internal/spec"
)

// kind is one of request in work that is mixed as people's is: another mesh of a part than they had before.
type kind struct {
	name  string
	share int                                      // requests of a deck
	make  func(s *spec.Spec, edge, u float64) bool // changes s, with u at random from 0 to 1; false where there is nothing to change
}

const (
	first  = "the first of a part"
	same   = "the same again"
	format = "one more format"
)

// kinds are those of the table of changes. How often each comes is an assumption.
var kinds = []kind{
	{first, 3, nil},
	{"another size", 3, func(s *spec.Spec, edge, u float64) bool {
		was := s.Size.Max
		s.Size.Max = edge * (0.8 + 0.8*u)
		for _, r := range s.Refine {
			s.Refine = refined(r.Size * s.Size.Max / was)
		}
		return true
	}},
	{same, 1, nil},
	{"only the volume", 1, func(s *spec.Spec, _, _ float64) bool {
		s.Strategy = map[string]string{spec.Delaunay: spec.HXT, spec.HXT: spec.Delaunay}[s.Strategy]
		return true
	}},
	{"a local refinement", 1, func(s *spec.Spec, _, u float64) bool {
		if s.Refine != nil {
			return false
		}
		s.Refine = refined(s.Size.Max / (1.5 + u))
		return true
	}},
	{"its size", 1, func(s *spec.Spec, _, u float64) bool {
		if s.Refine == nil {
			return false
		}
		s.Refine = refined(s.Size.Max / (1.5 + u))
		return true
	}},
	{"the order", 1, func(s *spec.Spec, _, _ float64) bool {
		s.Order = 3 - s.Order
		return true
	}},
	{format, 1, func(s *spec.Spec, _, _ float64) bool {
		if slices.Contains(s.Formats, furtherFormat) {
			return false
		}
		s.Formats = append(slices.Clone(s.Formats), furtherFormat)
		return true
	}},
}

// meshes reports whether such a request is for a mesh that the part's earlier ones were not for.
func (k kind) meshes() bool { return k.name != same && k.name != format }

func refined(size float64) []spec.Refinement {
	return []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: size}}
}

// maxDecks is how many decks of requests a bag has at most: some seconds of work of two processors.
const maxDecks = 2

func deckSize() (n int) {
	for _, k := range kinds {
		n += k.share
	}
	return n
}

// filesOf returns how many files the requests of so many decks are of.
func filesOf(decks int) int { return decks * kinds[0].share }

// mixture says how often each kind comes.
func mixture() string {
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%s %d", k.name, k.share))
	}
	return strings.Join(out, ", ")
}

// mixedBags returns a function that returns bags for n engines, one after the other: each of files of its own, so that nothing of an earlier bag answers.
func mixedBags(content []byte, edge float64, scratch string, n int) func() ([]job, error) {
	random, number := rand.New(rand.NewPCG(seed, 100+uint64(n))), 0
	return func() ([]job, error) {
		number++
		decks := min(n, maxDecks)
		files := make([]*file, filesOf(decks))
		for i := range files {
			mark := fmt.Sprintf("mixed-%d-%d-%d", n, number, i+1)
			p, err := newPart(content, filepath.Join(scratch, mark+".step"), mark)
			if err != nil {
				return nil, err
			}
			files[i] = &file{part: p, had: map[string]bool{}}
		}
		return deal(decks, files, edge, random)
	}
}

// file is a part and what was asked of it.
type file struct {
	part *part
	last spec.Spec
	had  map[string]bool // identities of specs; none before the first request
}

// deal returns the requests of decks in a random order: each of a file, chosen at random, of which it can be. All that are for another
// mesh are for one that was not asked for before.
func deal(decks int, files []*file, edge float64, random *rand.Rand) (out []job, err error) {
	var cards []kind
	for _, k := range kinds {
		cards = append(cards, slices.Repeat([]kind{k}, decks*k.share)...)
	}
	random.Shuffle(len(cards), func(i, k int) { cards[i], cards[k] = cards[k], cards[i] })
	for len(cards) > 0 {
		dealt := false
		for i := 0; i < len(cards) && !dealt; i++ { // a card that is of no file yet has to wait
			for _, f := range random.Perm(len(files)) {
				if dealt, err = files[f].ask(cards[i], edge, random.Float64()); err != nil {
					return nil, err
				} else if dealt {
					out = append(out, job{part: files[f].part, spec: files[f].last})
					cards = slices.Delete(cards, i, i+1)
					break
				}
			}
		}
		if !dealt {
			return nil, errors.New("requests are left that are of no file")
		}
	}
	return out, nil
}

// ask makes a request of this kind the file's last, or returns false if it cannot be one.
func (f *file) ask(k kind, edge, u float64) (bool, error) {
	if (len(f.had) == 0) != (k.name == first) {
		return false, nil
	}
	s := f.last
	switch {
	case k.name == first:
		s = spec.Spec{Strategy: spec.Delaunay, Order: 1, Size: spec.Size{Max: edge * (0.8 + 0.8*u), Curvature: 12}, Formats: []string{"msh", "vtk"}}
	case k.name != same && !k.make(&s, edge, u):
		return false, nil
	}
	s, err := s.Resolve()
	if err != nil {
		return false, fmt.Errorf("%s: %w", k.name, err)
	}
	if f.had[s.Identity()] && k.meshes() {
		return false, nil
	}
	f.last, f.had[s.Identity()] = s, true
	return true, nil
}
