/* The kernels on a GPU, of the same source as those on the CPU: a thread does a row of nodes or of cubes. NVRTC compiles it
   without fused multiply-add (scripts/ptx), so that a mesh is the same to the bit. gcc compiles it, too, for the tests that
   have no GPU (../gpu/standin/driver.c). */

#include "../gpu/kernel.h"

#include "../gpu/scan.h"
#include "stages.h"

#define ROWS(name, body) \
	KERNEL lat_gpu_##name(const lat *l, const octahedra *o, i64 first, i64 last, u32 *report) { \
		i64 r = first + THREAD; \
		int found = 0; \
		if (r < last) { body; } \
		if (found) FOUND(report); \
	}
LAT_ROW_STAGES(ROWS)

#define CUBES(name, body) \
	KERNEL lat_gpu_##name(const lat *l, i64 level, i64 first, i64 last, u32 *report) { \
		i64 r = first + THREAD; \
		int found = 0; \
		if (r < last) { body; } \
		if (found) FOUND(report); \
	}
LAT_CUBE_STAGES(CUBES)

/* a thread measures a part of the tetrahedra, in their order */
KERNEL lat_gpu_measure(const double *xyz, const i32 *tets, i64 n, i64 part, lat_quality *out) {
	i64 first = THREAD * part, last = first + part < n ? first + part : n;
	if (first >= n) return;
	lat_quality q = lat_no_quality();
	for (i64 t = first; t < last; t++)
		lat_measure_tet(xyz, tets + 4 * t, t, &q);
	out[THREAD] = q;
}
