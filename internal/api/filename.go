package api

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestFilename is how much of a file name is kept, in bytes.
const longestFilename = 200

// cleanFilename makes of what a client calls its file a text that can be shown: the last part of a path, without control
// and invisible direction characters. It is never part of a path or key.
func cleanFilename(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if strings.Trim(name, ".") == "" {
		return "unnamed"
	}
	if len(name) <= longestFilename {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 10 {
		ext = ""
	}
	stem := name[:longestFilename-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ext
}
