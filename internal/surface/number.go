package surface

import "strconv"

// powers of ten that a double holds exactly
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseNumber returns the double nearest to a decimal number, as strconv.ParseFloat does, and false for anything else:
// words, hexadecimal numbers, infinities, NaN. The exponent may be marked by d, as Fortran does.
//
// Most numbers of an STL have few digits: mantissa and power of ten are then exact doubles, and their product or
// quotient is rounded once, hence right.
func parseNumber(word []byte) (float64, bool) {
	i, negative := 0, false
	if len(word) > 0 && (word[0] == '-' || word[0] == '+') {
		negative = word[0] == '-'
		i = 1
	}
	mantissa, digits, exponent := uint64(0), 0, 0
	exact := true
	first := i
	for ; i < len(word) && word[i]-'0' <= 9; i++ {
		if mantissa > (1<<53)/10-1 {
			exact = false
			continue
		}
		mantissa = mantissa*10 + uint64(word[i]-'0')
	}
	digits = i - first
	if i < len(word) && word[i] == '.' {
		i++
		first = i
		for ; i < len(word) && word[i]-'0' <= 9; i++ {
			if mantissa > (1<<53)/10-1 {
				exact = exact && word[i] == '0'
				continue
			}
			mantissa = mantissa*10 + uint64(word[i]-'0')
			exponent--
		}
		digits += i - first
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(word) {
		power, ok := parseExponent(word[i:])
		if !ok {
			return 0, false
		}
		exponent += power
	}
	if !exact || exponent < -22 || exponent > 22 {
		if mantissa == 0 {
			return 0, true
		}
		return parseSlowly(word)
	}
	x := float64(mantissa)
	if exponent < 0 {
		x /= powers[-exponent]
	} else {
		x *= powers[exponent]
	}
	if negative {
		x = -x
	}
	return x, true
}

// parseExponent reads e, an optional sign and digits; far exponents are all the same.
func parseExponent(word []byte) (int, bool) {
	if c := word[0] | 0x20; c != 'e' && c != 'd' {
		return 0, false
	}
	i, sign := 1, 1
	if i < len(word) && (word[i] == '-' || word[i] == '+') {
		if word[i] == '-' {
			sign = -1
		}
		i++
	}
	if i == len(word) {
		return 0, false
	}
	power := 0
	for ; i < len(word); i++ {
		if word[i]-'0' > 9 {
			return 0, false
		}
		if power < 10000 {
			power = power*10 + int(word[i]-'0')
		}
	}
	return sign * power, true
}

// parseSlowly reads a number whose form is known to be right.
func parseSlowly(word []byte) (float64, bool) {
	text := make([]byte, len(word))
	for i, c := range word {
		if c|0x20 == 'd' {
			c = 'e'
		}
		text[i] = c
	}
	// an error can only say that the number is out of range; the infinity beside it says so, too
	x, _ := strconv.ParseFloat(string(text), 64)
	return x, true
}
