package mesh

import "io"

// WriteMSHInBatches is WriteMSH that hands on so many numbers together.
func (m *Mesh) WriteMSHInBatches(w io.Writer, batch int) error { return m.writeMSH(w, batch) }

// BehindWide is Behind as it is where numbers of nodes take more than 32 bits.
func (m *Mesh) BehindWide() [][]Element { return m.behind(nil, true) }
