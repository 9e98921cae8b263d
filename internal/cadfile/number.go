package cadfile

import (
	"math"
	"strconv"
	"strings"
)

// scanNumber returns the length of the decimal number that b begins with, 0 where there is none, and whether its size
// may be 1e15 or more. The exponent is marked by e, in Fortran by d as well.
func scanNumber(b []byte, fortran bool) (n int, large bool) {
	i := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	whole := i - first
	digits := whole
	if i < len(b) && b[i] == '.' {
		i++
		first = i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		digits += i - first
	}
	if digits == 0 {
		return 0, false
	}
	if i == len(b) || b[i]|0x20 != 'e' && !(fortran && b[i]|0x20 == 'd') {
		return i, whole > 15
	}
	mark := i
	i++
	negative := i < len(b) && b[i] == '-'
	if negative || i < len(b) && b[i] == '+' {
		i++
	}
	first = i
	exponent := 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		exponent = min(exponent*10+int(b[i]-'0'), 1000)
	}
	if i == first {
		return mark, whole > 15
	}
	if negative {
		return i, whole > 15
	}
	return i, whole+exponent > 15
}

// size returns the absolute value of a number that scanNumber has measured.
func size(number []byte) float64 {
	text := strings.Map(func(c rune) rune {
		if c|0x20 == 'd' {
			return 'e'
		}
		return c
	}, string(number))
	x, _ := strconv.ParseFloat(text, 64) // out of range, it is infinite, which says enough
	return math.Abs(x)
}

// isNotFinite reports whether a word, signs before it left out, is how a program writes what is no number.
func isNotFinite(word []byte) bool {
	word = word[:min(len(word), 12)]
	for len(word) > 0 && (word[0] == '-' || word[0] == '+') {
		word = word[1:]
	}
	switch strings.ToLower(string(word)) {
	case "nan", "inf", "infinity", "qnan", "snan", "ind", "nanq", "nans":
		return true
	}
	return false
}
