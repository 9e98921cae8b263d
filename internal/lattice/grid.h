/* The lattice and what the kernels know of it. This and the other headers keep to what gcc and NVRTC both compile: no
   library, no fused multiply-add, arithmetic whose order is fixed. A kernel does one row of nodes; rows may be done in any
   order and side by side.

   Slab m = 0 .. 2*n[2]-1 holds n[1] rows of n[0] nodes; with s = m & 1, node (i, j, m) lies at
   origin + h*(i + s/2, j + s/2, m/2). Row r = m*n[1] + j. Each node owns the seven of its fourteen edges that go forward. */

#ifndef LATTICE_GRID_H
#define LATTICE_GRID_H

typedef unsigned long long u64;
typedef unsigned int u32;
typedef int i32;
typedef long long i64;
typedef unsigned char u8;

#ifdef __CUDACC__
#define LAT_FN static __device__ __forceinline__
#define LAT_TABLE static __device__ const
#define LAT_POPCOUNT(x) ((u32)__popcll(x))
#define LAT_FIRST(x) (__ffsll((long long)(x)) - 1)
#else
#define LAT_FN static inline __attribute__((always_inline))
#define LAT_TABLE static const
#define LAT_POPCOUNT(x) ((u32)__builtin_popcountll(x))
#define LAT_FIRST(x) __builtin_ctzll(x)
#endif

#define LAT_LONG 3  /* edges 0-2 join nodes of one sublattice */
#define LAT_OWN 7   /* edges that a node owns */
#define LAT_EDGES 14
#define LAT_LEVELS 8 /* of cubes, those of the lattice counted */

typedef struct {
	i32 n[3];
	i32 words; /* of a row of bits; at least the last one is empty, so that shifts need no bounds */
	double origin[3], h;
	double alpha_long, alpha_short; /* share of an edge within which a node is moved onto the surface */

	i64 first_row;    /* of those whose nodes' signs are there as bytes: a device may not hold all at once */
	const u8 *inside; /* of each node from there on */
	u8 *unpacked;     /* the same, made of p again */
	const float *t;   /* seven of each owner: share of the way at which the edge passes through the surface */
	const i32 *triangle;

	u64 *p;       /* inside before nodes are moved */
	u64 *q;       /* inside and not moved */
	u64 *z;       /* moved onto the surface */
	u64 *owner;   /* owns an edge that passes through the surface */
	u64 *touched; /* has one */
	u64 *skin;    /* moved, and a node of the mesh */
	u64 *kept;    /* inside, and a node of the mesh */
	u32 *owner_rank, *touched_rank, *kept_rank, *skin_rank; /* of each word: number of what its first bit would have */

	u8 *choice;      /* of each touched node: one more than the edge along which it is moved, 0 for none */
	u8 *cut_mask;    /* of each owner: its edges that keep their cut */
	u32 *cut_first;  /* of each owner: number of its first cut */

	u32 *row_owner, *row_touched, *row_kept, *row_skin, *row_cut, *row_surface; /* counts of each row, then where the row begins */
	u64 *row_tet, *row_tri;

	/* see grade.h */
	i32 levels; /* of cubes greater than those of the lattice */
	i32 cubes[LAT_LEVELS][3], cube_words[LAT_LEVELS];
	u64 *whole[LAT_LEVELS], *leaf[LAT_LEVELS];
	u64 *joined;                 /* of the level that is being made */
	u64 *row_leaf[LAT_LEVELS];   /* tetrahedra of each row, then where they begin */

	/* The mesh, or a part of it that a device has room for. Nodes inside have the first numbers, those on the surface follow. */
	u32 first_inside, first_surface; /* numbers of the first node of each kind that the arrays hold */
	u64 first_tet, first_tri;
	double *xyz;         /* three of each node inside */
	double *surface;     /* and of each on the surface */
	i32 *on;             /* of each node on the surface: the triangle that it lies on, -1 for none */
	i32 past;            /* set where the mesh is larger than caches, so that what is not read soon is written past them */
	i32 *tets;           /* four of each; begins at a multiple of 16 bytes where past is set, which a device does not */
	i32 *tris;           /* three of each, counter-clockwise seen from outside */
} lat;

/* where edge d of a node of parity s leads */
LAT_TABLE i32 lat_dx[2][LAT_OWN] = {{1, 0, 0, -1, 0, -1, 0}, {1, 0, 0, 0, 1, 0, 1}};
LAT_TABLE i32 lat_dy[2][LAT_OWN] = {{0, 1, 0, -1, -1, 0, 0}, {0, 1, 0, 0, 0, 1, 1}};
LAT_TABLE i32 lat_dm[LAT_OWN] = {0, 0, 2, 1, 1, 1, 1};

/* the parity of the node at the far end */
LAT_FN i32 lat_far(i32 s, i32 d) { return d < LAT_LONG ? s : 1 - s; }

LAT_FN i64 lat_row(const lat *l, i32 m, i32 j) { return (i64)m * l->n[1] + j; }

/* rows of which no neighbour is missing; there is nothing inside in others */
LAT_FN int lat_is_inner(const lat *l, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]);
	return j >= 1 && j < l->n[1] - 1 && m >= 2 && m < 2 * l->n[2] - 2;
}

LAT_FN const u64 *lat_bits(const lat *l, const u64 *bits, i64 r) { return bits + r * l->words; }

/* word w of a row as seen from nodes whose neighbours lie dx further */
LAT_FN u64 lat_seen(const u64 *row, i32 w, i32 dx) {
	if (dx == 0)
		return row[w];
	if (dx > 0)
		return row[w] >> 1 | row[w + 1] << 63;
	return row[w] << 1 | row[w - 1] >> 63; /* the word before a row is the empty last one of another, or the pad */
}

/* word w of the nodes at the far ends of edge d of row r; edges 7-13 are edges 0-6 of the nodes at their far ends */
LAT_FN u64 lat_neighbours(const lat *l, const u64 *bits, i32 m, i32 j, i32 w, i32 e) {
	i32 s = m & 1;
	if (e < LAT_OWN)
		return lat_seen(lat_bits(l, bits, lat_row(l, m + lat_dm[e], j + lat_dy[s][e])), w, lat_dx[s][e]);
	i32 d = e - LAT_OWN, o = lat_far(s, d);
	return lat_seen(lat_bits(l, bits, lat_row(l, m - lat_dm[d], j - lat_dy[o][d])), w, -lat_dx[o][d]);
}

LAT_FN u32 lat_rank(const lat *l, const u64 *bits, const u32 *rank, i64 r, i32 i) {
	i64 w = r * l->words + (i >> 6);
	return rank[w] + LAT_POPCOUNT(bits[w] & ((1ull << (i & 63)) - 1));
}

LAT_FN int lat_has(const lat *l, const u64 *bits, i64 r, i32 i) {
	return (int)(bits[r * l->words + (i >> 6)] >> (i & 63) & 1);
}

LAT_FN void lat_place(const lat *l, i32 m, i32 j, i32 i, double *p) {
	double half = 0.5 * (m & 1);
	p[0] = l->origin[0] + l->h * (i + half);
	p[1] = l->origin[1] + l->h * (j + half);
	p[2] = l->origin[2] + l->h * (0.5 * m);
}

/* the point at a share of the way along own edge d */
LAT_FN void lat_along(const lat *l, i32 m, i32 j, i32 i, i32 d, double t, double *p) {
	i32 s = m & 1;
	double a[3], b[3];
	lat_place(l, m, j, i, a);
	lat_place(l, m + lat_dm[d], j + lat_dy[s][d], i + lat_dx[s][d], b);
	for (i32 k = 0; k < 3; k++)
		p[k] = a[k] + t * (b[k] - a[k]);
}

/* replaces counts by where each begins; the total is returned */
LAT_FN u64 lat_scan32(u32 *count, i64 n, u64 first) {
	for (i64 i = 0; i < n; i++) {
		u64 c = count[i];
		count[i] = (u32)first;
		first += c;
	}
	return first;
}

LAT_FN u64 lat_scan64(u64 *count, i64 n, u64 first) {
	for (i64 i = 0; i < n; i++) {
		u64 c = count[i];
		count[i] = first;
		first += c;
	}
	return first;
}

#endif
