package quality

import (
	"math"
)

// scale is how the bins of a measure lie: evenly from low to high, or two to an octave (1, 1.5, 2, 3, 4, 6, …).
type scale struct {
	name       string
	low, high  float64 // of even bins; of octaves, powers of two
	bins       int     // that are shown
	octaves    bool
	fine       int // into how many each is divided to find percentiles
	from, size int // place of its fine bins in an accumulator
}

const (
	finePerBin = 25
	// finePerHalf divides half an octave.
	finePerHalf = 16
)

// scales are fixed, so that the histograms of two meshes can be compared.
var scales = [measures]scale{
	SICN:          {name: "sicn", low: -1, high: 1, bins: 40},
	Gamma:         {name: "gamma", low: 0, high: 1, bins: 20},
	Jacobian:      {name: "jacobian", low: -1, high: 1, bins: 40},
	Aspect:        {name: "aspect", low: 1, high: 1 << 16, octaves: true},
	EdgeRatio:     {name: "edge_ratio", low: 1, high: 1 << 16, octaves: true},
	Skewness:      {name: "skewness", low: 0, high: 1, bins: 20},
	MinDihedral:   {name: "min_dihedral", low: 0, high: 180, bins: 36},
	MaxDihedral:   {name: "max_dihedral", low: 0, high: 180, bins: 36},
	MinAngle:      {name: "min_angle", low: 0, high: 180, bins: 36},
	MaxAngle:      {name: "max_angle", low: 0, high: 180, bins: 36},
	EdgeLength:    {name: "edge_length", low: 1. / (1 << 40), high: 1 << 40, octaves: true},
	SizeRatio:     {name: "size_ratio", low: 1. / (1 << 6), high: 1 << 6, octaves: true},
	JacobianRatio: {name: "jacobian_ratio", low: -1, high: 1, bins: 40},
}

// fineBins is how many bins an accumulator has.
var fineBins = func() (n int) {
	for m := range scales {
		s := &scales[m]
		s.fine = finePerBin
		if s.octaves {
			s.fine = finePerHalf
			s.bins = 2 * (math.Ilogb(s.high) - math.Ilogb(s.low))
		}
		s.from, s.size = n, s.bins*s.fine
		n += s.size
	}
	return n
}()

// Name returns the name of the measure in reports.
func (m Measure) Name() string { return scales[m].name }

// Measures lists the measures in the order of Values.
func Measures() []Measure {
	out := make([]Measure, measures)
	for i := range out {
		out[i] = Measure(i)
	}
	return out
}

// place returns the fine bin of a value; what lies beyond the scale is in its first or last.
func (s *scale) place(x float64) int {
	at := 0
	if s.octaves {
		if x > s.low {
			// Exponent and leading bits of the mantissa: even bins within each octave.
			const shift = 52 - 5 // 2 · finePerHalf is 2⁵
			at = int(math.Float64bits(x)>>shift) - int(math.Float64bits(s.low)>>shift)
		}
	} else if x > s.low {
		at = int((x - s.low) / (s.high - s.low) * float64(s.size))
	}
	return min(at, s.size-1)
}

// edge returns where a fine bin begins.
func (s *scale) edge(at int) float64 {
	if !s.octaves {
		return s.low + (s.high-s.low)*float64(at)/float64(s.size)
	}
	octave := at / (2 * finePerHalf)
	return math.Ldexp(s.low*(1+float64(at%(2*finePerHalf))/(2*finePerHalf)), octave)
}

func (s *Sums) add(x float64) {
	if s.N == 0 || x < s.Min {
		s.Min = x
	}
	if s.N == 0 || x > s.Max {
		s.Max = x
	}
	s.Sum += x
	s.N++
}

func (s *Sums) merge(o *Sums) {
	if o.N == 0 {
		return
	}
	if s.N == 0 {
		*s = *o
		return
	}
	s.Min, s.Max, s.Sum, s.N = min(s.Min, o.Min), max(s.Max, o.Max), s.Sum+o.Sum, s.N+o.N
}

// accumulator gathers the measures of many elements.
type accumulator struct {
	counts   []uint32
	sums     Tally
	elements int
}

func newAccumulator() *accumulator { return &accumulator{counts: make([]uint32, fineBins)} }

func (a *accumulator) merge(o *accumulator) {
	for i, n := range o.counts {
		a.counts[i] += n
	}
	a.sums.merge(&o.sums)
	a.elements += o.elements
}

func (t *Tally) merge(o *Tally) {
	for m := range t.Measures {
		t.Measures[m].merge(&o.Measures[m])
	}
	t.Content += o.Content
}

// Distribution says how a measure is spread over the elements.
type Distribution struct {
	Count       int         `json:"count" doc:"elements that the measure is defined for"`
	Min         float64     `json:"min"`
	Mean        float64     `json:"mean"`
	Max         float64     `json:"max"`
	Percentiles Percentiles `json:"percentiles" doc:"to a twenty-fifth of a bin of the histogram or better"`
	Histogram   Histogram   `json:"histogram" doc:"counts in bins that are the same for every mesh"`
	Beyond      []Bound     `json:"beyond,omitempty" doc:"elements beyond the usual bounds"`
}

// Percentiles are the values that a share of the elements stays below.
type Percentiles struct {
	P1  float64 `json:"p1"`
	P5  float64 `json:"p5"`
	P25 float64 `json:"p25"`
	P50 float64 `json:"p50"`
	P75 float64 `json:"p75"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Histogram holds the bins between the first and the last that are not empty.
type Histogram struct {
	Edges  []float64 `json:"edges" doc:"where the bins begin, and where the last ends"`
	Counts []int     `json:"counts" doc:"elements in each bin; one fewer than edges. Values beyond the scale are in its first and last bin"`
}

// Bound is how many elements are beyond a bound.
type Bound struct {
	Is    string  `json:"is" enum:"below,above"`
	Value float64 `json:"value"`
	Count int     `json:"count"`
}

// usual are the bounds that are counted. They lie on edges of fine bins, so that counts are exact.
var usual = [measures][]Bound{
	SICN:          {{Is: "below", Value: 0}, {Is: "below", Value: 0.2}},
	Gamma:         {{Is: "below", Value: 0.1}, {Is: "below", Value: 0.4}},
	Jacobian:      {{Is: "below", Value: 0}, {Is: "below", Value: 0.1}},
	Aspect:        {{Is: "above", Value: 3}, {Is: "above", Value: 10}},
	EdgeRatio:     {{Is: "above", Value: 10}, {Is: "above", Value: 96}},
	Skewness:      {{Is: "above", Value: 0.8}, {Is: "above", Value: 0.96}},
	MinDihedral:   {{Is: "below", Value: 5}, {Is: "below", Value: 10}},
	MaxDihedral:   {{Is: "above", Value: 160}, {Is: "above", Value: 165}},
	MinAngle:      {{Is: "below", Value: 5}, {Is: "below", Value: 10}},
	MaxAngle:      {{Is: "above", Value: 160}, {Is: "above", Value: 170}},
	SizeRatio:     {{Is: "below", Value: 0.5}, {Is: "above", Value: 1.5}, {Is: "above", Value: 2}},
	JacobianRatio: {{Is: "below", Value: 0}, {Is: "below", Value: 0.1}},
}

// distribution returns what was gathered of a measure.
func (a *accumulator) distribution(m Measure) Distribution {
	s, t := &scales[m], &a.sums.Measures[m]
	counts := a.counts[s.from : s.from+s.size]
	d := Distribution{Count: t.N, Min: t.Min, Max: t.Max, Mean: t.Sum / float64(t.N)}
	s.percentiles(counts, t, &d.Percentiles)
	first, last := 0, s.bins
	shown := make([]int, s.bins)
	for i, n := range counts {
		shown[i/s.fine] += int(n)
	}
	for first < last && shown[first] == 0 {
		first++
	}
	for last > first && shown[last-1] == 0 {
		last--
	}
	d.Histogram.Counts = shown[first:last]
	for i := first; i <= last; i++ {
		d.Histogram.Edges = append(d.Histogram.Edges, s.edge(i*s.fine))
	}
	for _, b := range usual[m] {
		at := s.place(b.Value)
		if !s.octaves { // the quotient may fall on either side of the edge
			at = int(math.Round((b.Value - s.low) / (s.high - s.low) * float64(s.size)))
		}
		beyond := counts[at:]
		if b.Is == "below" {
			beyond = counts[:at]
		}
		for _, n := range beyond {
			b.Count += int(n)
		}
		d.Beyond = append(d.Beyond, b)
	}
	return d
}

// percentiles interpolates within fine bins.
func (s *scale) percentiles(counts []uint32, t *Sums, out *Percentiles) {
	wanted := []struct {
		share float64
		to    *float64
	}{
		{0.01, &out.P1}, {0.05, &out.P5}, {0.25, &out.P25}, {0.5, &out.P50}, {0.75, &out.P75}, {0.95, &out.P95}, {0.99, &out.P99},
	}
	below := 0.
	for i, n := range counts {
		if n == 0 {
			continue
		}
		c := float64(n)
		for len(wanted) > 0 && below+c >= wanted[0].share*float64(t.N) {
			low, high := s.edge(i), s.edge(i+1)
			*wanted[0].to = min(max(low+(high-low)*(wanted[0].share*float64(t.N)-below)/c, t.Min), t.Max)
			wanted = wanted[1:]
		}
		below += c
	}
	for _, w := range wanted {
		*w.to = t.Max
	}
}

// Statistics are the distributions of all measures that are defined for some element, by name.
type Statistics map[string]Distribution

func (a *accumulator) statistics() Statistics {
	out := Statistics{}
	for m := range measures {
		if a.sums.Measures[m].N > 0 {
			out[m.Name()] = a.distribution(m)
		}
	}
	return out
}
