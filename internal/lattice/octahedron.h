/* The octahedra of four tetrahedra around each long edge that a node of odd parity owns. Together they fill space: three of
   them belong to each such node, one along each axis. Its six nodes are the ends of the edge and a ring around it; its
   thirteen edges are the long one, four from each end to the ring, and the ring. */

#ifndef LATTICE_OCTAHEDRON_H
#define LATTICE_OCTAHEDRON_H

#include "grade.h"

#define LAT_NODES 6
#define LAT_POINTS 19 /* nodes, then cuts of edges */
#define LAT_SIGNS 729 /* 3^6: 0 outside, 1 moved onto the surface, 2 inside, of the first node first */
#define LAT_MAX_TETS 12
#define LAT_MAX_TRIS 8
#define LAT_MAX_ASKS 4

/* What fills an octahedron of some signs. Points are numbered within it. */
typedef struct stencil {
	u8 tets, tris, asks;
	u8 ask[LAT_MAX_ASKS]; /* number of a node beyond, that decides whether ask_tri is on the surface: it is unless that node is inside */
	u8 ask_tri[LAT_MAX_ASKS][3];
	u8 tri[LAT_MAX_TRIS][3];
	u8 tet[LAT_MAX_TETS][4];
	u32 used; /* bit set of points */
} stencil;

typedef struct octahedra {
	i32 node[3][LAT_NODES][3]; /* of each axis: how much further than its owner each node is, in i, j and m */
	i32 beyond[3][8][3];       /* the node across the face of an end and an edge of the ring, from the other end */
	u8 edge_owner[3][13], edge_dir[3][13];
	stencil fill[3][LAT_SIGNS];
} octahedra;

typedef struct {
	u64 q[LAT_NODES], z[LAT_NODES];
	u64 full, mixed;
} lat_oct;

LAT_FN void lat_gather(const lat *l, const octahedra *o, i32 axis, i32 m, i32 j, i32 w, lat_oct *x) {
	u64 all = ~0ull, any = 0;
	for (i32 v = 0; v < LAT_NODES; v++) {
		const i32 *at = o->node[axis][v];
		i64 r = lat_row(l, m + at[2], j + at[1]);
		x->q[v] = lat_seen(lat_bits(l, l->q, r), w, at[0]);
		all &= x->q[v];
		any |= x->q[v];
	}
	/* what lies beside a greater cube belongs to that; near the surface there is none */
	x->full = all;
	if (l->levels && all)
		x->full &= lat_fine(l, m, j, w, 0) & lat_fine(l, m + 2 * (axis == 2), j + (axis == 1), w, axis == 0);
	x->mixed = any & ~all;
	if (!x->mixed)
		return;
	for (i32 v = 0; v < LAT_NODES; v++) {
		const i32 *at = o->node[axis][v];
		x->z[v] = lat_seen(lat_bits(l, l->z, lat_row(l, m + at[2], j + at[1])), w, at[0]);
	}
}

LAT_FN i32 lat_code(const lat_oct *x, i32 k) {
	const i32 power[LAT_NODES] = {1, 3, 9, 27, 81, 243};
	i32 code = 0;
	for (i32 v = 0; v < LAT_NODES; v++)
		code += power[v] * (i32)((x->z[v] >> k & 1) + 2 * (x->q[v] >> k & 1));
	return code;
}

/* whether the face that a stencil asks for is on the surface */
LAT_FN int lat_open(const lat *l, const octahedra *o, i32 axis, i32 m, i32 j, i32 i, u8 ask) {
	const i32 *at = o->beyond[axis][ask];
	return !lat_has(l, l->q, lat_row(l, m + at[2], j + at[1]), i + at[0]);
}

LAT_FN i32 lat_node_index(const lat *l, i64 r, i32 i) {
	if (lat_has(l, l->q, r, i))
		return (i32)lat_rank(l, l->kept, l->kept_rank, r, i);
	return (i32)lat_rank(l, l->skin, l->skin_rank, r, i);
}

/* the number in the mesh of a point of an octahedron */
LAT_FN i32 lat_point(const lat *l, const octahedra *o, i32 axis, i32 m, i32 j, i32 i, i32 point) {
	if (point < LAT_NODES) {
		const i32 *at = o->node[axis][point];
		return lat_node_index(l, lat_row(l, m + at[2], j + at[1]), i + at[0]);
	}
	i32 edge = point - LAT_NODES;
	const i32 *at = o->node[axis][o->edge_owner[axis][edge]];
	u32 slot = lat_rank(l, l->owner, l->owner_rank, lat_row(l, m + at[2], j + at[1]), i + at[0]);
	return (i32)(l->cut_first[slot] + LAT_POPCOUNT(l->cut_mask[slot] & ((1u << o->edge_dir[axis][edge]) - 1)));
}

#endif
