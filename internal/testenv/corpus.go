package testenv

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"meshgen/internal/diagnosis"
)

// Corpus returns what the manifest of the shared test data says of the files of one of its folders, in the words that the
// fields of T pick out, or skips the test where the data is not beside the checkout. A file's path is relative to the
// manifest; Shared makes it one to open.
func Corpus[T any](t testing.TB, folder string) []T {
	t.Helper()
	data, err := os.ReadFile(Shared(t, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Files []json.RawMessage }
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	var files []T
	for _, raw := range manifest.Files {
		var f struct{ Path string }
		var facts T
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(f.Path, folder+"/") {
			continue
		}
		if err := json.Unmarshal(raw, &facts); err != nil {
			t.Fatal(err)
		}
		files = append(files, facts)
	}
	if len(files) == 0 {
		t.Fatalf("the manifest knows no file in %s", folder)
	}
	return files
}

// Expected is the answer that the manifest asks for a bad file, in its own words. Embed it in a Corpus type.
type Expected struct {
	Expect         string
	AlsoAcceptable []string `json:"also_acceptable"`
}

// kinds are the manifest's names for what is a kind of a code of ours.
var kinds = map[string]diagnosis.Code{
	"truncated_file": diagnosis.UnreadableFile, "inconsistent_file": diagnosis.UnreadableFile,
	"timeout": diagnosis.TimeLimit, "crashed": diagnosis.EngineCrashed,
}

// Accepts reports whether a code is an answer that the manifest allows.
func (e Expected) Accepts(code diagnosis.Code) bool {
	return slices.ContainsFunc(append([]string{e.Expect}, e.AlsoAcceptable...), func(word string) bool {
		return word == string(code) || kinds[word] == code
	})
}
