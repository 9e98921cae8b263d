/* The kernels on the CPU: compiled once for any x86-64 and once for those with AVX2; which is run is found at start. Sums and
   products are never fused, so both give the same bits. */

#include "cpu.h"

#if defined(__x86_64__) && !defined(__clang__)
#define DISPATCH __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define DISPATCH
#endif

#define ROWS(name, body) \
	DISPATCH static int name(const lat *l, const octahedra *o, i64 first, i64 last) { \
		int found = 0; \
		for (i64 r = first; r < last; r++) { body; } \
		return found; \
	}

ROWS(pack, found |= lat_pack(l, r))
ROWS(find, lat_find(l, r))
ROWS(rank, lat_begin_row(l, r, l->owner_rank, l->row_owner); lat_begin_row(l, r, l->touched_rank, l->row_touched))
ROWS(warp, lat_warp(l, r))
ROWS(part, lat_part(l, r))
ROWS(keep, lat_keep_nodes(l, r))
ROWS(count, lat_count_nodes(l, r); lat_count_elements(l, o, r))
ROWS(number, lat_begin_nodes(l, r))
ROWS(write, lat_write_nodes(l, r); lat_write_elements(l, o, r))

int lat_rows(const lat *l, const octahedra *o, int stage, i64 first, i64 last) {
	switch (stage) {
	case LAT_PACK: return pack(l, o, first, last);
	case LAT_FIND: return find(l, o, first, last);
	case LAT_RANK: return rank(l, o, first, last);
	case LAT_WARP: return warp(l, o, first, last);
	case LAT_PART: return part(l, o, first, last);
	case LAT_KEEP: return keep(l, o, first, last);
	case LAT_COUNT: return count(l, o, first, last);
	case LAT_NUMBER: return number(l, o, first, last);
	case LAT_WRITE: return write(l, o, first, last);
	}
	return 0;
}

DISPATCH int lat_cube_rows(const lat *l, int stage, i32 level, i64 first, i64 last) {
	u64 any = 0;
	for (i64 r = first; r < last; r++) {
		switch (stage) {
		case LAT_WHOLE: lat_whole_cubes(l, r); break;
		case LAT_JOIN: lat_join(l, level, r); break;
		case LAT_INNER: any |= lat_keep_inner(l, l->joined, l->whole[level], level, r); break;
		case LAT_LEAVES: lat_leaves(l, level, r); break;
		case LAT_KEEP_LEAVES: lat_keep_leaves(l, level, r); break;
		case LAT_COUNT_LEAVES: l->row_leaf[level][r] = lat_leaf_row(l, level, r, 0); break;
		case LAT_WRITE_LEAVES: lat_leaf_row(l, level, r, l->tets + 4 * l->row_leaf[level][r]); break;
		}
	}
	return any != 0;
}

u64 lat_scan_rows(u32 *count, i64 rows, u64 first) { return lat_scan32(count, rows, first); }
u64 lat_scan_rows64(u64 *count, i64 rows, u64 first) { return lat_scan64(count, rows, first); }

DISPATCH static void measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out) {
	for (i64 t = first; t < last; t++)
		lat_measure_tet(xyz, tets + 4 * t, t, out);
}

void lat_measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out) { measure(xyz, tets, first, last, out); }
