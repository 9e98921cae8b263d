package engine

import "bytes"

// indentation is what a user's JSON is indented by at each level.
const indentation = "  "

// appendIndented appends JSON as encoding/json has written it, on one line, laid out as json.Indent lays it out that many levels deep.
// It trusts the text, so that it need not look at most of it.
func appendIndented(to, text []byte, level int) []byte {
	for len(text) > 0 {
		end := 1
		switch c := text[0]; c {
		case '{', '[':
			to = append(to, c)
			if next := text[1]; next == '}' || next == ']' { // nothing is inside
				to = append(to, next)
				end = 2
				break
			}
			level++
			to = appendLine(to, level)
		case '}', ']':
			level--
			to = append(appendLine(to, level), c)
		case ',':
			to = appendLine(append(to, c), level)
		case ':':
			to = append(to, ": "...)
		case '"':
			end = stringEnd(text)
			to = append(to, text[:end]...)
		default: // a number, true, false or null
			for end < len(text) && text[end] != ',' && text[end] != '}' && text[end] != ']' {
				end++
			}
			to = append(to, text[:end]...)
		}
		text = text[end:]
	}
	return to
}

// appendLine begins a line of that level.
func appendLine(to []byte, level int) []byte {
	to = append(to, '\n')
	for range level {
		to = append(to, indentation...)
	}
	return to
}

// stringEnd returns the length of the string that text begins with.
func stringEnd(text []byte) int {
	for end := 1; ; {
		end += bytes.IndexByte(text[end:], '"')
		escapes := 0
		for text[end-1-escapes] == '\\' {
			escapes++
		}
		end++
		if escapes%2 == 0 {
			return end
		}
	}
}
