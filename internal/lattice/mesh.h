/* Counting and writing of nodes, tetrahedra and triangles. Both walk in the same order: what one counts, the other writes. */

#ifndef LATTICE_MESH_H
#define LATTICE_MESH_H

#include "octahedron.h"

/* Stores that go past caches, of 16 bytes at a multiple of these and of a place: what is in memory there is not read first, which takes as long as
   to write it. LAT_ALL_PAST comes before another thread reads. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#define LAT_CAN_PAST 1
typedef i32 lat_four __attribute__((vector_size(16)));
typedef i64 lat_pair __attribute__((vector_size(16)));
#define LAT_FOUR_PAST(to, four) __builtin_ia32_movntdq((lat_pair *)(to), (lat_pair)(four))
#define LAT_NUMBER_PAST(to, x) __builtin_ia32_movnti64((i64 *)(to), ((lat_bits64){.number = (x)}).bits)
#define LAT_ALL_PAST() __builtin_ia32_sfence()
typedef union {
	double number;
	i64 bits;
} lat_bits64;
#else
#define LAT_CAN_PAST 0
#endif

/* counts nodes and cuts of a row, and marks which edges of owners keep their cut */
LAT_FN void lat_count_nodes(const lat *l, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]), inner = lat_is_inner(l, r);
	const u64 *q = lat_bits(l, l->q, r), *z = lat_bits(l, l->z, r), *owner = lat_bits(l, l->owner, r);
	const u64 *kept = lat_bits(l, l->kept, r);
	u32 nodes = 0, skins = 0, cuts = 0, slot = l->owner_rank[r * l->words];
	for (i32 w = 0; w < l->words; w++) {
		i64 at = r * l->words + w;
		u64 skin = 0;
		if (z[w]) {
			for (i32 e = 0; e < LAT_EDGES; e++)
				skin |= lat_neighbours(l, l->q, m, j, w, e);
			skin &= z[w];
		}
		l->skin[at] = skin;
		l->kept_rank[at] = nodes;
		l->skin_rank[at] = skins;
		nodes += LAT_POPCOUNT(kept[w]);
		skins += LAT_POPCOUNT(skin);
		if (!inner || !owner[w])
			continue;
		u64 cut[LAT_OWN];
		for (i32 e = 0; e < LAT_OWN; e++) {
			u64 qn = lat_neighbours(l, l->q, m, j, w, e), zn = lat_neighbours(l, l->z, m, j, w, e);
			cut[e] = (q[w] ^ qn) & ~z[w] & ~zn;
		}
		for (u64 left = owner[w]; left; left &= left - 1) {
			i32 k = LAT_FIRST(left);
			u32 mask = 0;
			for (i32 e = 0; e < LAT_OWN; e++)
				mask |= (u32)(cut[e] >> k & 1) << e;
			l->cut_mask[slot] = (u8)mask;
			l->cut_first[slot++] = cuts;
			cuts += LAT_POPCOUNT(mask);
		}
	}
	l->row_kept[r] = nodes;
	l->row_skin[r] = skins;
	l->row_surface[r] = skins + cuts;
}

/* counts the elements whose octahedra belong to a row */
LAT_FN void lat_count_elements(const lat *l, const octahedra *o, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]);
	u64 tets = 0, tris = 0;
	if ((m & 1) && lat_is_inner(l, r)) {
		for (i32 w = 0; w < l->words - 1; w++) {
			for (i32 axis = 0; axis < 3; axis++) {
				lat_oct x;
				lat_gather(l, o, axis, m, j, w, &x);
				tets += 4 * LAT_POPCOUNT(x.full);
				for (u64 left = x.mixed; left; left &= left - 1) {
					i32 k = LAT_FIRST(left);
					const stencil *s = &o->fill[axis][lat_code(&x, k)];
					tets += s->tets;
					tris += s->tris;
					for (i32 a = 0; a < s->asks; a++)
						tris += (u64)lat_open(l, o, axis, m, j, 64 * w + k, s->ask[a]);
				}
			}
		}
	}
	l->row_tet[r] = tets;
	l->row_tri[r] = tris;
}

/* gives each row's nodes on the surface, which begin at row_surface, to those that were moved and then to its cuts */
LAT_FN void lat_begin_surface(const lat *l, i64 r) {
	u32 skins = l->row_skin[r];
	l->row_skin[r] = l->row_surface[r];
	l->row_cut[r] = l->row_surface[r] + skins;
}

/* makes numbers within a row numbers within the mesh */
LAT_FN void lat_begin_nodes(const lat *l, i64 r) {
	u32 surface = l->row_skin[r];
	for (i32 w = 0; w < l->words; w++) {
		l->kept_rank[r * l->words + w] += l->row_kept[r];
		l->skin_rank[r * l->words + w] += surface;
	}
	u32 slot = l->owner_rank[r * l->words], end = l->owner_rank[(r + 1) * l->words];
	for (; slot < end; slot++)
		l->cut_first[slot] += l->row_cut[r];
}

LAT_FN void lat_write_nodes(const lat *l, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]), s = m & 1;
	const u64 *kept = lat_bits(l, l->kept, r), *skin = lat_bits(l, l->skin, r);
	const u64 *owner = lat_bits(l, l->owner, r), *touched = lat_bits(l, l->touched, r);
	double *xyz = l->xyz + 3 * (i64)(l->row_kept[r] - l->first_inside);
	u32 slot = l->owner_rank[r * l->words];
	for (i32 w = 0; w < l->words; w++) {
		for (u64 left = kept[w]; left; left &= left - 1, xyz += 3) {
#if LAT_CAN_PAST
			if (l->past) {
				double p[3];
				lat_place(l, m, j, 64 * w + LAT_FIRST(left), p);
				for (i32 k = 0; k < 3; k++)
					LAT_NUMBER_PAST(xyz + k, p[k]);
				continue;
			}
#endif
			lat_place(l, m, j, 64 * w + LAT_FIRST(left), xyz);
		}
		u32 index = l->skin_rank[r * l->words + w];
		for (u64 left = skin[w]; left; left &= left - 1, index++) {
			i32 k = LAT_FIRST(left), i = 64 * w + k;
			u32 t = l->touched_rank[r * l->words + w] + LAT_POPCOUNT(touched[w] & ((1ull << k) - 1));
			i32 e = l->choice[t] - 1, d = e, jo = j, mo = m, io = i;
			if (e >= LAT_OWN) {
				d = e - LAT_OWN;
				i32 parity = lat_far(s, d);
				mo = m - lat_dm[d];
				jo = j - lat_dy[parity][d];
				io = i - lat_dx[parity][d];
			}
			i64 cut = LAT_OWN * (i64)lat_rank(l, l->owner, l->owner_rank, lat_row(l, mo, jo), io) + d;
			lat_along(l, mo, jo, io, d, l->t[cut], l->surface + 3 * (i64)(index - l->first_surface));
			l->on[index - l->first_surface] = l->triangle ? l->triangle[cut] : -1;
		}
		for (u64 left = owner[w]; left; left &= left - 1, slot++) {
			i32 i = 64 * w + LAT_FIRST(left);
			u32 cut_index = l->cut_first[slot];
			for (u32 mask = l->cut_mask[slot]; mask; mask &= mask - 1, cut_index++) {
				i32 d = LAT_FIRST((u64)mask);
				i64 cut = LAT_OWN * (i64)slot + d;
				lat_along(l, m, j, i, d, l->t[cut], l->surface + 3 * (i64)(cut_index - l->first_surface));
				l->on[cut_index - l->first_surface] = l->triangle ? l->triangle[cut] : -1;
			}
		}
	}
}

/* writes the four tetrahedra of an octahedron that is inside */
LAT_FN i32 *lat_write_full(const i32 *v, i32 *out) {
	for (i32 k = 0; k < 4; k++, out += 4) {
		out[0] = v[0];
		out[1] = v[1];
		out[2] = v[2 + k];
		out[3] = v[2 + (k + 1) % 4];
	}
	return out;
}

/* the nodes of an octahedron that is inside */
LAT_FN void lat_full_nodes(const lat *l, const octahedra *o, i32 axis, i32 m, i32 j, i32 i, i32 *v) {
	for (i32 p = 0; p < LAT_NODES; p++) {
		const i32 *at = o->node[axis][p];
		v[p] = (i32)lat_rank(l, l->kept, l->kept_rank, lat_row(l, m + at[2], j + at[1]), i + at[0]);
	}
}

/* Writes the three octahedra of each of a run of cells that are wholly inside: along the run, the nodes of each row of the
   lattice have consecutive numbers, so that one cell is the one before it plus one. */
LAT_FN i32 *lat_write_run(const lat *l, const octahedra *o, i32 m, i32 j, i32 i, i32 length, i32 *out) {
	i32 pattern[48], *p = pattern;
	for (i32 axis = 0; axis < 3; axis++) {
		i32 v[LAT_NODES];
		lat_full_nodes(l, o, axis, m, j, i, v);
		p = lat_write_full(v, p);
	}
#if LAT_CAN_PAST
	if (l->past) {
		lat_four four[12];
		for (i32 t = 0; t < 12; t++)
			four[t] = (lat_four){pattern[4 * t], pattern[4 * t + 1], pattern[4 * t + 2], pattern[4 * t + 3]};
		for (i32 c = 0; c < length; c++, out += 48)
			for (i32 t = 0; t < 12; t++)
				LAT_FOUR_PAST(out + 4 * t, four[t] + c);
		return out;
	}
#endif
	for (i32 c = 0; c < length; c++, out += 48)
		for (i32 k = 0; k < 48; k++)
			out[k] = pattern[k] + c;
	return out;
}

LAT_FN void lat_write_elements(const lat *l, const octahedra *o, i64 r) {
	i32 m = (i32)(r / l->n[1]), j = (i32)(r % l->n[1]);
	if (!(m & 1) || !lat_is_inner(l, r))
		return;
	i32 *tet = l->tets + 4 * (i64)(l->row_tet[r] - l->first_tet), *tri = l->tris + 3 * (i64)(l->row_tri[r] - l->first_tri);
	for (i32 w = 0; w < l->words - 1; w++) {
		lat_oct x[3];
		for (i32 axis = 0; axis < 3; axis++)
			lat_gather(l, o, axis, m, j, w, &x[axis]);
		u64 all = x[0].full & x[1].full & x[2].full;
		for (u64 left = all; left;) {
			i32 first = LAT_FIRST(left);
			u64 rest = ~(left >> first);
			i32 length = rest ? LAT_FIRST(rest) : 64;
			tet = lat_write_run(l, o, m, j, 64 * w + first, length, tet);
			left &= length == 64 ? 0 : ~(((1ull << length) - 1) << first);
		}
		for (i32 axis = 0; axis < 3; axis++) {
			for (u64 left = x[axis].full & ~all; left; left &= left - 1) {
				i32 v[LAT_NODES];
				lat_full_nodes(l, o, axis, m, j, 64 * w + LAT_FIRST(left), v);
				tet = lat_write_full(v, tet);
			}
			for (u64 left = x[axis].mixed; left; left &= left - 1) {
				i32 k = LAT_FIRST(left), i = 64 * w + k, number[LAT_POINTS];
				const stencil *s = &o->fill[axis][lat_code(&x[axis], k)];
				for (u32 used = s->used; used; used &= used - 1) {
					i32 point = LAT_FIRST((u64)used);
					number[point] = lat_point(l, o, axis, m, j, i, point);
				}
				for (i32 t = 0; t < s->tets; t++, tet += 4)
					for (i32 c = 0; c < 4; c++)
						tet[c] = number[s->tet[t][c]];
				for (i32 t = 0; t < s->tris; t++, tri += 3)
					for (i32 c = 0; c < 3; c++)
						tri[c] = number[s->tri[t][c]];
				for (i32 a = 0; a < s->asks; a++) {
					if (!lat_open(l, o, axis, m, j, i, s->ask[a]))
						continue;
					for (i32 c = 0; c < 3; c++)
						tri[c] = number[s->ask_tri[a][c]];
					tri += 3;
				}
			}
		}
	}
}

LAT_FN void lat_write(const lat *l, const octahedra *o, i64 r) {
	lat_write_nodes(l, r);
	lat_write_elements(l, o, r);
#if LAT_CAN_PAST
	if (l->past)
		LAT_ALL_PAST();
#endif
}

#endif
