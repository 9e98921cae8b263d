// Package view writes what a browser shows: surfaces, and volumes to be cut open, as GLB files that any glTF viewer opens and
// that ours knows more of.
//
// A file holds one mesh with one primitive: triangles over shared vertices, or the nodes of a volume as points. Positions are 16-bit numbers in the box around the
// part (KHR_mesh_quantization); the scale and translation of the node bring them back to the geometry's units. Triangles lie
// face by face, so that a face of the CAD is a range of them. What glTF has no word for stands in further accessors, one value
// a triangle, which the primitive's extras name:
//
//	extras.meshgen.faces     [{tag, name, color, first, count}], ranges of triangles
//	extras.meshgen.elements  accessor: number of the element in the mesh file
//	extras.meshgen.values    [{name, accessor, low, high}]: 8 bits, 0 is low and 255 is high
//
// and of a volume, where values and numbers are of each element,
//
//	extras.meshgen.parts     [{solid, name, shape, first, count}], ranges of elements
//	extras.meshgen.corners   {shape: accessor}: the nodes that elements stand on
//	extras.meshgen.surface   accessor: the node of each vertex of the surface file
//
// Everything is compressed with EXT_meshopt_compression; gzip takes a third of the rest on the wire. The format is described
// for its readers in docs/viewer-format.md.
package view
