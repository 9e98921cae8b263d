package check

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a reviewer is told to run is there: a test that no name fits would pass, too.
func TestReview_EveryCommandRunsSomething(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "## What a reviewer asks")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")

	goTest := regexp.MustCompile(`^go (?:-C (\S+) )?test (?:(\S+) )?.*?-run '?([^' ]+)'?`)
	commands := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		if len(cells) != 4 || strings.HasPrefix(strings.TrimSpace(cells[1]), "-") || strings.TrimSpace(cells[1]) == "claim" {
			continue
		}
		in := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[2], -1)
		require.NotEmpty(t, in, "nothing shows: %s", cells[1])
		for _, c := range in {
			command := strings.ReplaceAll(c[1], "\x00", "|")
			commands++
			switch word, rest, _ := strings.Cut(command, " "); {
			case word == "make":
				require.Regexp(t, `(?m)^`+regexp.QuoteMeta(rest)+`:`, string(makefile), command)
			case word == "go":
				m := goTest.FindStringSubmatch(command)
				require.NotNil(t, m, command)
				folder := "../../" + m[1]
				if strings.HasPrefix(m[2], "./") {
					folder = filepath.Join(folder, m[2])
				}
				require.True(t, hasTest(t, folder, m[3]), "no test: %s", command)
			case strings.Contains(word, "/"):
				require.FileExists(t, "../../"+word, command)
			default: // promtool, meshgen
				for _, argument := range strings.Fields(rest) {
					if strings.Contains(argument, "/") {
						require.FileExists(t, "../../"+argument, command)
					}
				}
			}
		}
	}
	require.Greater(t, commands, 20)
}

// hasTest tells whether the Go files of a folder have a test whose name fits.
func hasTest(t *testing.T, folder, pattern string) bool {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	wanted := regexp.MustCompile(pattern)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			if wanted.MatchString(m[1]) {
				return true
			}
		}
	}
	return false
}
