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
		(void)o; \
		for (i64 r = first; r < last; r++) { body; } \
		return found; \
	}
LAT_ROW_STAGES(ROWS)

#define CUBES(name, body) \
	DISPATCH static int name(const lat *l, i32 level, i64 first, i64 last) { \
		int found = 0; \
		(void)level; \
		for (i64 r = first; r < last; r++) { body; } \
		return found; \
	}
LAT_CUBE_STAGES(CUBES)

int lat_rows(const lat *l, const octahedra *o, int stage, i64 first, i64 last) {
	switch (stage) {
#define ROW_CASE(name, body) \
	case LAT_##name: return name(l, o, first, last);
		LAT_ROW_STAGES(ROW_CASE)
	}
	return 0;
}

int lat_cube_rows(const lat *l, int stage, i32 level, i64 first, i64 last) {
	switch (stage) {
#define CUBE_CASE(name, body) \
	case LAT_##name: return name(l, level, first, last);
		LAT_CUBE_STAGES(CUBE_CASE)
	}
	return 0;
}

u64 lat_scan_rows(u32 *count, i64 rows, u64 first) { return lat_scan32(count, rows, first); }
u64 lat_scan_rows64(u64 *count, i64 rows, u64 first) { return lat_scan64(count, rows, first); }

DISPATCH static void measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out) {
	*out = lat_no_quality();
	for (i64 t = first; t < last; t++)
		lat_measure_tet(xyz, tets + 4 * t, t, out);
}

void lat_measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out) { measure(xyz, tets, first, last, out); }
