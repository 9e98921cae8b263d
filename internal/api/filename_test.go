package api

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestFilenamesAreKeptAsCleanTextOnly(t *testing.T) {
	for given, want := range map[string]string{
		"bracket.step":                     "bracket.step",
		"../../etc/passwd.step":            "passwd.step",
		`C:\parts\bracket.step`:            "bracket.step",
		"$(touch pwned).step":              "$(touch pwned).step",
		"Träger Ø12 部品.step":               "Träger Ø12 部品.step",
		"a\x00b\r\nSet-Cookie: x.step":     "abSet-Cookie: x.step",
		"invoice\u202epets.exe":            "invoicepets.exe",
		"bad\xff\xfeutf8.stl":              "badutf8.stl",
		"":                                 "unnamed",
		"..":                               "unnamed",
		"/":                                "unnamed",
		"  .stl ":                          ".stl",
		strings.Repeat("x", 300) + ".step": strings.Repeat("x", 195) + ".step",
	} {
		got := cleanFilename(given)
		require.Equal(t, want, got, "%q", given)
	}
	long := cleanFilename(strings.Repeat("ü", 300) + ".step")
	require.True(t, utf8.ValidString(long))
	require.LessOrEqual(t, len(long), longestFilename)
	require.True(t, strings.HasSuffix(long, "ü.step"))
}

func TestDownloadsAreNamedAfterThePart(t *testing.T) {
	require.Equal(t, "bracket.msh", downloadName("bracket.step", "mesh.msh"))
	require.Equal(t, "bracket.report.json", downloadName("bracket.step", "report.json"))
	require.Equal(t, "mesh.msh", downloadName("", "mesh.msh"))
	require.Equal(t, "mesh.msh", downloadName(".step", "mesh.msh"))
}
