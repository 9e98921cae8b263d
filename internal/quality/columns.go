package quality

// Batch is how many elements are measured together.
const Batch = 128

// Columns are the measures of up to Batch elements, a row for each measure; NaN where one is not defined.
type Columns struct {
	Values [measures][Batch]float64
	Volume [Batch]float64 // or area
}

// Kernel measures and counts tetrahedra, many at a time. Whatever kernel there is, results are the same to the bit.
type Kernel interface {
	// Measure measures n straight tetrahedra, at most Batch, by the first four of step nodes each, at three numbers of xyz a node.
	Measure(xyz []float64, nodes []uint64, step, n int, into *Columns)
	// Gather counts the values of n elements, and adds them to a tally in their order.
	Gather(c *Columns, n int, scales *Scales, counts []uint32, into *Tally)
}

// Scales say how the bins lie that a kernel counts in.
type Scales [measures]struct {
	Low, High  float64
	Octaves    int64 // 1 where each octave has as many bins; else they are even
	From, Size int64 // place of its bins among the counts
}

// Sums are what of a measure is added up in the order of the elements, so that they do not depend on how many threads
// there are.
type Sums struct {
	Min, Max, Sum float64
	N             int
}

// Tally is the sums of all measures, and of volume or area.
type Tally struct {
	Measures [measures]Sums
	Content  float64
}

// binning is the scales as a kernel takes them.
var binning = func() *Scales {
	_ = fineBins // which places them
	out := &Scales{}
	for m, s := range scales {
		o := &out[m]
		o.Low, o.High, o.From, o.Size = s.low, s.high, int64(s.from), int64(s.size)
		if s.octaves {
			o.Octaves = 1
		}
	}
	return out
}()

// Plain is the kernel in Go: what there is where nobody brings another.
type Plain struct{}

// Measure is Kernel's.
func (Plain) Measure(xyz []float64, nodes []uint64, step, n int, into *Columns) {
	var p [4]Point
	var v Values
	for i := range n {
		for c, node := range nodes[i*step : i*step+4] {
			p[c] = Point{xyz[3*node], xyz[3*node+1], xyz[3*node+2]}
		}
		volume := tet(p[:], &v)
		v[JacobianRatio] = undefined
		into.put(i, &v, volume)
	}
}

// put sets the row of an element.
func (c *Columns) put(i int, v *Values, content float64) {
	for m, x := range v {
		c.Values[m][i] = x
	}
	c.Volume[i] = content
}

// Gather is Kernel's.
func (Plain) Gather(c *Columns, n int, _ *Scales, counts []uint32, into *Tally) {
	for i := range n {
		into.Content += c.Volume[i]
		for m := range c.Values {
			if x := c.Values[m][i]; x == x {
				scale := &scales[m]
				counts[scale.from+scale.place(x)]++
				into.Measures[m].add(x)
			}
		}
	}
}
