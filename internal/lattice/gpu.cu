/* The kernels on a GPU, of the same source as those on the CPU: a thread does a row of nodes or of cubes. NVRTC compiles it
   without fused multiply-add (scripts/ptx), so that a mesh is the same to the bit. gcc compiles it, too, for the tests that
   have no GPU (testdata/driver.c). */

#include "stages.h"

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define THREAD ((i64)blockIdx.x * blockDim.x + threadIdx.x)
#define FOUND(at) atomicOr(at, 1u)
#endif

#define ROWS(name, body) \
	KERNEL lat_gpu_##name(const lat *l, const octahedra *o, i64 rows, u32 *report) { \
		i64 r = THREAD; \
		int found = 0; \
		if (r < rows) { body; } \
		if (found) FOUND(report); \
	}
LAT_ROW_STAGES(ROWS)

#define CUBES(name, body) \
	KERNEL lat_gpu_##name(const lat *l, i64 level, i64 rows, u32 *report) { \
		i64 r = THREAD; \
		int found = 0; \
		if (r < rows) { body; } \
		if (found) FOUND(report); \
	}
LAT_CUBE_STAGES(CUBES)

/* Counts become where each begins in three steps: the sum of each part, where each part begins, and each count of a part.
   Parts are as long as there are parts. */
#define SCANS(type, bits) \
	KERNEL lat_gpu_sum##bits(const type *count, i64 n, i64 part, u64 *sums) { \
		i64 first = THREAD * part, last = first + part < n ? first + part : n; \
		u64 sum = 0; \
		if (first >= n) return; \
		for (i64 i = first; i < last; i++) sum += count[i]; \
		sums[THREAD] = sum; \
	} \
	KERNEL lat_gpu_place##bits(type *count, i64 n, i64 part, const u64 *sums) { \
		i64 first = THREAD * part, last = first + part < n ? first + part : n; \
		if (first < n) lat_scan##bits(count + first, last - first, sums[THREAD]); \
	}
SCANS(u32, 32)
SCANS(u64, 64)

/* one thread; the end of the last part is written behind the last */
KERNEL lat_gpu_begin_parts(u64 *sums, i64 parts, u64 first) {
	if (THREAD == 0) sums[parts] = lat_scan64(sums, parts, first);
}

/* a thread measures a part of the tetrahedra, in their order */
KERNEL lat_gpu_measure(const double *xyz, const i32 *tets, i64 n, i64 part, lat_quality *out) {
	i64 first = THREAD * part, last = first + part < n ? first + part : n;
	if (first >= n) return;
	lat_quality q = lat_no_quality();
	for (i64 t = first; t < last; t++)
		lat_measure_tet(xyz, tets + 4 * t, t, &q);
	out[THREAD] = q;
}
