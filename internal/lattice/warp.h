/* Which edges pass through the surface, and which nodes are moved onto it. */

#ifndef LATTICE_WARP_H
#define LATTICE_WARP_H

#include "grid.h"

/* packs the bytes of a row, 0 or 1; reports whether a node within the margin is inside */
LAT_FN int lat_pack(const lat *l, i64 r) {
	const u8 *in = l->inside + (r - l->first_row) * l->n[0];
	u64 *out = l->p + r * l->words, any = 0;
	for (i32 w = 0; w < l->words; w++) {
		i32 left = l->n[0] - 64 * w;
		u64 bits = 0;
		if (left >= 64) {
			for (i32 k = 0; k < 8; k++) {
				u64 eight = 0; /* bytes: bit 8b goes to bit 56 + b */
				for (i32 b = 0; b < 8; b++)
					eight |= (u64)in[64 * w + 8 * k + b] << (8 * b);
				bits |= (eight * 0x0102040810204080ull >> 56) << (8 * k);
			}
		} else {
			for (i32 k = 0; k < left; k++)
				bits |= (u64)(in[64 * w + k] & 1) << k;
		}
		out[w] = bits;
		any |= bits;
	}
	if (!any)
		return 0;
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]), last = l->n[0] - 1;
	if (j < 2 || j >= l->n[1] - 2 || m < 4 || m >= 2 * l->n[2] - 4)
		return 1;
	return in[0] | in[1] | in[last] | in[last - 1];
}

/* makes bytes of a row's bits again */
LAT_FN void lat_unpack(const lat *l, i64 r) {
	u8 *out = l->unpacked + (r - l->first_row) * l->n[0];
	const u64 *p = lat_bits(l, l->p, r);
	for (i32 i = 0; i < l->n[0]; i++)
		out[i] = (u8)(p[i >> 6] >> (i & 63) & 1);
}

/* finds owners and touched nodes of a row and counts them */
LAT_FN void lat_find(const lat *l, i64 r) {
	u64 *owner = l->owner + r * l->words, *touched = l->touched + r * l->words;
	u32 owners = 0, touches = 0;
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]), inner = lat_is_inner(l, r);
	const u64 *p = lat_bits(l, l->p, r);
	for (i32 w = 0; w < l->words; w++) {
		u64 own = 0, any = 0;
		if (inner) {
			for (i32 e = 0; e < LAT_OWN; e++)
				own |= p[w] ^ lat_neighbours(l, l->p, m, j, w, e);
			any = own;
			for (i32 e = LAT_OWN; e < LAT_EDGES; e++)
				any |= p[w] ^ lat_neighbours(l, l->p, m, j, w, e);
		}
		owner[w] = own;
		touched[w] = any;
		l->owner_rank[r * l->words + w] = owners;
		l->touched_rank[r * l->words + w] = touches;
		owners += LAT_POPCOUNT(own);
		touches += LAT_POPCOUNT(any);
	}
	l->row_owner[r] = owners;
	l->row_touched[r] = touches;
}

/* adds to the ranks of a row's words where the row begins */
LAT_FN void lat_begin_row(const lat *l, i64 r, u32 *rank, const u32 *row) {
	for (i32 w = 0; w < l->words; w++)
		rank[r * l->words + w] += row[r];
}

/* moves each touched node of a row onto the nearest cut that is too close to it */
LAT_FN void lat_warp(const lat *l, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]), s = m & 1;
	u64 *z = l->z + r * l->words;
	const u64 *p = lat_bits(l, l->p, r), *touched = lat_bits(l, l->touched, r);
	u8 *choice = l->choice + l->touched_rank[r * l->words];
	const double short_edge = 0.86602540378443865;
	for (i32 w = 0; w < l->words; w++) {
		u64 moved = 0, x[LAT_EDGES];
		if (touched[w])
			for (i32 e = 0; e < LAT_EDGES; e++)
				x[e] = p[w] ^ lat_neighbours(l, l->p, m, j, w, e);
		for (u64 left = touched[w]; left; left &= left - 1) {
			i32 k = LAT_FIRST(left), i = 64 * w + k;
			double nearest = 2;
			u8 best = 0;
			for (i32 e = 0; e < LAT_EDGES; e++) {
				if (!(x[e] >> k & 1))
					continue;
				double t;
				i32 d = e;
				if (e < LAT_OWN) {
					t = l->t[LAT_OWN * (i64)lat_rank(l, l->owner, l->owner_rank, r, i) + e];
				} else {
					d = e - LAT_OWN;
					i32 o = lat_far(s, d);
					i64 from = lat_row(l, m - lat_dm[d], j - lat_dy[o][d]);
					t = 1 - (double)l->t[LAT_OWN * (i64)lat_rank(l, l->owner, l->owner_rank, from, i - lat_dx[o][d]) + d];
				}
				if (t >= (d < LAT_LONG ? l->alpha_long : l->alpha_short))
					continue;
				double distance = d < LAT_LONG ? t : t * short_edge;
				if (distance < nearest) {
					nearest = distance;
					best = (u8)(e + 1);
				}
			}
			*choice++ = best;
			if (best)
				moved |= 1ull << k;
		}
		z[w] = moved;
	}
}

/* tells apart what is inside from what was moved */
LAT_FN void lat_part(const lat *l, i64 r) {
	for (i64 w = r * l->words; w < (r + 1) * l->words; w++)
		l->q[w] = l->p[w] & ~l->z[w];
}

#endif
