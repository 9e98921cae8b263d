package mesh

import "io"

// WriteMSHInPieces is WriteMSH that hands on so many bytes, and gathers so many numbers, at a time.
func (m *Mesh) WriteMSHInPieces(w io.Writer, piece, batch int) error {
	return m.writeMSH(w, piece, batch)
}

// Piece is how many bytes WriteMSH hands on at a time.
const Piece = piece

// BehindWide is Behind as it is where numbers of nodes take more than 32 bits.
func (m *Mesh) BehindWide() [][]Element { return m.behind(nil, true) }
