/* The graded inside: where nothing passes through the surface, eight cubes of the lattice become one, eight of those again, and
   so on: an octree. Level 0 is the lattice; cube (i, j, k) of it has even nodes at its corners and odd node (i, j, 2*k+1) in its
   middle. Corners and middles of all greater cubes are even nodes.

   A cube of level l may stand undivided (whole) where it and the 26 around it have whole children alone: so cubes that touch
   differ by one level at most. Tetrahedra span from middle to middle across the sides of cubes: where both are of one
   size as in the lattice, in two if there is a node in the middle of an edge; where one is divided, from the middle of the
   greater to eight triangles on the side, and from there to the middles of the four smaller ones (Labelle and Shewchuk 2007). */

#ifndef LATTICE_GRADE_H
#define LATTICE_GRADE_H

#include "grid.h"

/* words of a row of cubes of some level */
LAT_FN const u64 *lat_cubes(const lat *l, u64 *const *of, i32 level, i32 j, i32 k) {
	return of[level] + ((i64)k * l->cubes[level][1] + j) * l->cube_words[level];
}

LAT_FN int lat_cube(const lat *l, u64 *const *of, i32 level, i32 i, i32 j, i32 k) {
	return (int)(lat_cubes(l, of, level, j, k)[i >> 6] >> (i & 63) & 1);
}

/* the cubes of the lattice whose nine nodes are inside */
LAT_FN void lat_whole_cubes(const lat *l, i64 row) {
	i32 j = (i32)(row % l->n[1]), k = (i32)(row / l->n[1]);
	u64 *out = l->whole[0] + row * l->cube_words[0];
	for (i32 w = 0; w < l->words; w++)
		out[w] = 0;
	if (j + 1 >= l->n[1] || k + 1 >= l->n[2])
		return;
	const u64 *middle = lat_bits(l, l->q, lat_row(l, 2 * k + 1, j)), *corner[4];
	for (i32 c = 0; c < 4; c++)
		corner[c] = lat_bits(l, l->q, lat_row(l, 2 * k + 2 * (c >> 1), j + (c & 1)));
	for (i32 w = 0; w < l->words - 1; w++) {
		u64 all = middle[w];
		for (i32 c = 0; c < 4; c++)
			all &= corner[c][w] & lat_seen(corner[c], w, 1);
		out[w] = all;
	}
}

/* the even bits of a word, side by side */
LAT_FN u64 lat_evens(u64 x) {
	x &= 0x5555555555555555ull;
	x = (x | x >> 1) & 0x3333333333333333ull;
	x = (x | x >> 2) & 0x0f0f0f0f0f0f0f0full;
	x = (x | x >> 4) & 0x00ff00ff00ff00ffull;
	x = (x | x >> 8) & 0x0000ffff0000ffffull;
	return (x | x >> 16) & 0x00000000ffffffffull;
}

/* each of 32 bits twice */
LAT_FN u64 lat_twice(u64 x) {
	x &= 0x00000000ffffffffull;
	x = (x | x << 16) & 0x0000ffff0000ffffull;
	x = (x | x << 8) & 0x00ff00ff00ff00ffull;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0full;
	x = (x | x << 2) & 0x3333333333333333ull;
	x = (x | x << 1) & 0x5555555555555555ull;
	return x | x << 1;
}

/* the cubes of a level whose eight children are whole */
LAT_FN void lat_join(const lat *l, i32 level, i64 row) {
	i32 j = (i32)(row % l->cubes[level][1]), k = (i32)(row / l->cubes[level][1]), below = level - 1;
	u64 *out = l->joined + row * l->cube_words[level];
	for (i32 w = 0; w < l->cube_words[level]; w++)
		out[w] = 0;
	if (2 * j + 1 >= l->cubes[below][1] || 2 * k + 1 >= l->cubes[below][2])
		return;
	const u64 *a = lat_cubes(l, l->whole, below, 2 * j, 2 * k), *b = lat_cubes(l, l->whole, below, 2 * j + 1, 2 * k);
	const u64 *c = lat_cubes(l, l->whole, below, 2 * j, 2 * k + 1), *d = lat_cubes(l, l->whole, below, 2 * j + 1, 2 * k + 1);
	for (i32 w = 0; w < l->cube_words[below]; w++) {
		u64 all = a[w] & b[w] & c[w] & d[w];
		out[w >> 1] |= lat_evens(all & all >> 1) << (32 * (w & 1));
	}
}

/* those that have whole children all around; whole ones are written from joined ones or, the other way round, for a second ring */
LAT_FN u64 lat_keep_inner(const lat *l, const u64 *from, u64 *to, i32 level, i64 row) {
	i32 j = (i32)(row % l->cubes[level][1]), k = (i32)(row / l->cubes[level][1]), words = l->cube_words[level];
	u64 *out = to + row * words, any = 0;
	int border = j == 0 || k == 0 || j + 1 == l->cubes[level][1] || k + 1 == l->cubes[level][2];
	for (i32 w = 0; w < words; w++) {
		u64 all = border ? 0 : ~0ull;
		for (i32 n = 0; n < 9 && all; n++) {
			const u64 *x = from + (row + (n / 3 - 1) * (i64)l->cubes[level][1] + n % 3 - 1) * words;
			u64 before = w > 0 ? x[w - 1] : 0, after = w + 1 < words ? x[w + 1] : 0;
			all &= x[w] & (x[w] << 1 | before >> 63) & (x[w] >> 1 | after << 63);
		}
		out[w] = all;
		any |= all;
	}
	return any;
}

/* leaves are whole cubes that are not a part of a greater one */
LAT_FN void lat_leaves(const lat *l, i32 level, i64 row) {
	i32 j = (i32)(row % l->cubes[level][1]), k = (i32)(row / l->cubes[level][1]), words = l->cube_words[level];
	const u64 *whole = l->whole[level] + row * words;
	u64 *out = l->leaf[level] + row * words;
	for (i32 w = 0; w < words; w++) {
		u64 part = 0;
		if (level < l->levels)
			part = lat_twice(lat_cubes(l, l->whole, level + 1, j >> 1, k >> 1)[w >> 1] >> (32 * (w & 1)));
		out[w] = level ? whole[w] & ~part : ~part; /* at level 0, all that is left */
	}
}

/* word w of the cubes of the lattice that are leaves, of the row in which an odd row of nodes has the middles */
LAT_FN u64 lat_fine(const lat *l, i32 m, i32 j, i32 w, i32 dx) {
	if (!l->levels)
		return ~0ull;
	const u64 *x = lat_cubes(l, l->leaf, 0, j, m >> 1);
	return dx ? x[w] >> 1 | x[w + 1] << 63 : x[w];
}

/* which nodes inside the mesh has, but for those of greater cubes */
LAT_FN void lat_keep_nodes(const lat *l, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]);
	const u64 *q = lat_bits(l, l->q, r);
	u64 *kept = l->kept + r * l->words;
	for (i32 w = 0; w < l->words; w++) {
		u64 some = ~0ull;
		if (m & 1) {
			some = lat_fine(l, m, j, w, 0);
		} else if (j > 0 && m > 0) {
			some = 0;
			for (i32 c = 0; c < 4; c++) {
				const u64 *x = lat_cubes(l, l->leaf, 0, j - (c & 1), (m >> 1) - (c >> 1));
				some |= x[w] | x[w] << 1 | (w > 0 ? x[w - 1] >> 63 : 0);
			}
		}
		kept[w] = q[w] & some;
	}
}

/* A place in half edges of the lattice. */
typedef struct {
	i32 x[3];
} lat_spot;

LAT_FN i64 lat_spot_row(const lat *l, lat_spot p) { return lat_row(l, p.x[2], p.x[1] >> 1); }

LAT_FN int lat_spot_kept(const lat *l, lat_spot p) { return lat_has(l, l->kept, lat_spot_row(l, p), p.x[0] >> 1); }

LAT_FN i32 lat_spot_index(const lat *l, lat_spot p) {
	return (i32)lat_rank(l, l->kept, l->kept_rank, lat_spot_row(l, p), p.x[0] >> 1);
}

#ifdef __CUDACC__
#define LAT_SET(word, bits) atomicOr(word, bits)
#else
#define LAT_SET(word, bits) __atomic_fetch_or(word, bits, __ATOMIC_RELAXED)
#endif

LAT_FN void lat_spot_keep(const lat *l, lat_spot p) {
	LAT_SET(&l->kept[lat_spot_row(l, p) * l->words + (p.x[0] >> 7)], 1ull << (p.x[0] >> 1 & 63));
}

/* keeps the corners and the middles of the leaves of a row */
LAT_FN void lat_keep_leaves(const lat *l, i32 level, i64 row) {
	i32 j = (i32)(row % l->cubes[level][1]), k = (i32)(row / l->cubes[level][1]), size = 2 << level;
	const u64 *leaf = l->leaf[level] + row * l->cube_words[level];
	for (i32 w = 0; w < l->cube_words[level]; w++) {
		for (u64 left = leaf[w]; left; left &= left - 1) {
			i32 at[3] = {64 * w + LAT_FIRST(left), j, k};
			for (i32 c = 0; c < 9; c++) {
				lat_spot p;
				for (i32 x = 0; x < 3; x++)
					p.x[x] = at[x] * size + (c == 8 ? size / 2 : (c >> x & 1) * size);
				lat_spot_keep(l, p);
			}
		}
	}
}

/* the place that is some shares of half a cube along each axis from another */
LAT_FN lat_spot lat_spot_by(lat_spot p, i32 step, i32 u, i32 du, i32 v, i32 dv) {
	p.x[u] += step * du;
	p.x[v] += step * dv;
	return p;
}

/* Counts the tetrahedra of a cube across one side, and writes them if out is given. */
LAT_FN i32 lat_side(const lat *l, i32 level, const i32 *cube, i32 axis, i32 up, i32 *out) {
	i32 beside[3] = {cube[0], cube[1], cube[2]}, size = 2 << level, half = size / 2;
	beside[axis] += up ? 1 : -1;
	int whole = lat_cube(l, l->whole, level, beside[0], beside[1], beside[2]);
	if (whole && (!up || !lat_cube(l, l->leaf, level, beside[0], beside[1], beside[2])))
		return 0; /* the other one does it */
	/* u and v turn from the ring's first to its second corner seen from the cube's middle */
	i32 u = (axis + 1) % 3, v = (axis + 2) % 3, turn = up ? 1 : -1;
	lat_spot middle, side, beyond;
	for (i32 x = 0; x < 3; x++)
		middle.x[x] = cube[x] * size + half;
	side = beyond = middle;
	side.x[axis] += up ? half : -half;
	beyond.x[axis] += up ? size : -size;
	const i32 du[4] = {-1, 1, 1, -1}, dv[4] = {-1, -1, 1, 1};
	if (whole) {
		i32 n = 0;
		for (i32 c = 0; c < 4; c++) {
			lat_spot a = lat_spot_by(side, half, u, du[c], v, dv[c]), b = lat_spot_by(side, half, u, du[(c + 1) & 3], v, dv[(c + 1) & 3]), between = a;
			for (i32 x = 0; x < 3; x++)
				between.x[x] = (a.x[x] + b.x[x]) / 2;
			int divided = lat_spot_kept(l, between);
			if (out) {
				i32 i = lat_spot_index(l, middle), o = lat_spot_index(l, beyond), first = lat_spot_index(l, a), last = lat_spot_index(l, b);
				i32 in = divided ? lat_spot_index(l, between) : last;
				i32 *t = out + 4 * n;
				t[0] = i, t[1] = o, t[2] = first, t[3] = in;
				if (divided)
					t[4] = i, t[5] = o, t[6] = in, t[7] = last;
			}
			n += 1 + divided;
		}
		return n;
	}
	if (!out)
		return 16;
	i32 i = lat_spot_index(l, middle), f = lat_spot_index(l, side), quarter = half / 2;
	for (i32 c = 0; c < 4; c++) {
		i32 next = (c + 1) & 3, before = (c + 3) & 3;
		lat_spot a = lat_spot_by(side, half, u, du[c], v, dv[c]), small = lat_spot_by(side, quarter, u, du[c], v, dv[c]);
		small.x[axis] += up ? quarter : -quarter;
		lat_spot after = lat_spot_by(side, half, u, (du[c] + du[next]) / 2, v, (dv[c] + dv[next]) / 2);
		lat_spot ahead = lat_spot_by(side, half, u, (du[c] + du[before]) / 2, v, (dv[c] + dv[before]) / 2);
		i32 corner = lat_spot_index(l, a), one = lat_spot_index(l, after), other = lat_spot_index(l, ahead), s = lat_spot_index(l, small);
		if (turn < 0) {
			i32 x = one;
			one = other;
			other = x;
		}
		i32 *t = out + 16 * c;
		t[0] = i, t[1] = f, t[2] = corner, t[3] = one;
		t[4] = i, t[5] = f, t[6] = other, t[7] = corner;
		t[8] = s, t[9] = f, t[10] = one, t[11] = corner;
		t[12] = s, t[13] = f, t[14] = corner, t[15] = other;
	}
	return 16;
}

/* counts the tetrahedra of the leaves of a row, or writes them */
LAT_FN u64 lat_leaf_row(const lat *l, i32 level, i64 row, i32 *out) {
	i32 j = (i32)(row % l->cubes[level][1]), k = (i32)(row / l->cubes[level][1]);
	const u64 *leaf = l->leaf[level] + row * l->cube_words[level];
	u64 n = 0;
	for (i32 w = 0; w < l->cube_words[level]; w++) {
		for (u64 left = leaf[w]; left; left &= left - 1) {
			i32 at[3] = {64 * w + LAT_FIRST(left), j, k};
			for (i32 side = 0; side < 6; side++)
				n += (u64)lat_side(l, level, at, side >> 1, side & 1, out ? out + 4 * n : 0);
		}
	}
	return n;
}

#endif
