package mesh

import "io"

// WriteMSHInBatches is WriteMSH that hands on so many numbers together.
func (m *Mesh) WriteMSHInBatches(w io.Writer, batch int) error { return m.writeMSH(w, batch) }
