package cadfile

import "slices"

// idSet is a set of entity numbers. Nearly all files number from 1 on, so that a bit for each number below the size of
// the file is small (an eighth of the file at worst, touched only as far as numbers go); numbers beyond are listed.
type idSet struct {
	bits   []uint64
	beyond []uint32
	sorted bool
}

func newIDSet(size int64) *idSet {
	const most = 1 << 31 // more numbers than maxID do not occur
	return &idSet{bits: make([]uint64, (min(size, most)+63)/64)}
}

// add adds a number and reports whether it was there, as far as that is known at once.
func (s *idSet) add(id uint32) bool {
	if word := id / 64; int(word) < len(s.bits) {
		bit := uint64(1) << (id % 64)
		known := s.bits[word]&bit != 0
		s.bits[word] |= bit
		return known
	}
	s.beyond = append(s.beyond, id)
	s.sorted = false
	return false
}

func (s *idSet) has(id uint32) bool {
	if word := id / 64; int(word) < len(s.bits) {
		return s.bits[word]&(1<<(id%64)) != 0
	}
	s.sort()
	_, found := slices.BinarySearch(s.beyond, id)
	return found
}

// covers reports whether every number of o is in s.
func (s *idSet) covers(o *idSet) bool {
	for i, word := range o.bits {
		if word&^s.bits[i] != 0 {
			return false
		}
	}
	for _, id := range o.beyond {
		if !s.has(id) {
			return false
		}
	}
	return true
}

func (s *idSet) sort() {
	if !s.sorted {
		slices.Sort(s.beyond)
		s.beyond = slices.Compact(s.beyond)
		s.sorted = true
	}
}
