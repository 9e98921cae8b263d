package api

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// names gives the files of an archive names that are safe to extract anywhere, and differ where capitals do not count.
type names struct{ taken map[string]bool }

func newNames(reserved ...string) *names {
	n := &names{map[string]bool{}}
	for _, name := range reserved {
		n.taken[strings.ToLower(name)] = true
	}
	return n
}

// stem returns what the files of a mesh are called before their extensions: bracket-fine of bracket.step and fine.
func (n *names) stem(filename, specName string) string {
	stem := safeStem(strings.TrimSuffix(filename, path.Ext(filename)))
	if stem == "" {
		stem = "part"
	}
	if specName = safeStem(specName); specName != "" {
		stem += "-" + specName
	}
	// The stem counts as taken, so that the files of two meshes are told apart by more than an extension.
	return n.claim(stem)
}

// claim returns the name, with a number where it is taken.
func (n *names) claim(name string) string {
	free := name
	ext := path.Ext(name)
	for i := 2; n.taken[strings.ToLower(free)]; i++ {
		free = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i, ext)
	}
	n.taken[strings.ToLower(free)] = true
	return free
}

// reservedNames are devices on Windows, whatever their extension.
var reservedNames = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// longestStem leaves room for a number and an extension where a name may have 255 bytes.
const longestStem = 100

// safeStem keeps letters, digits and a few signs of a name.
func safeStem(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("-_,()", r) {
			return r
		}
		return '_'
	}, name)
	for len(name) > longestStem {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	name = strings.Trim(name, "_-")
	if slices.Contains(reservedNames, strings.ToLower(name)) {
		name += "_"
	}
	return name
}
