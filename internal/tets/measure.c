#include "measure.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "fp-contract=off")
#endif

static const double limit = 1e12;

/* the corners of tetrahedra, one row for each coordinate of each */
typedef struct {
	double at[4][3][TETS_BATCH] __attribute__((aligned(32)));
} places;

/* what tells of those that are flat: least is 0 */
typedef struct {
	double longest[TETS_BATCH] __attribute__((aligned(32)));
	double shortest[TETS_BATCH] __attribute__((aligned(32)));
	double least[TETS_BATCH] __attribute__((aligned(32)));
} lengths;

typedef double pair __attribute__((vector_size(16)));

/* The compiler makes no vector of the roots of a loop, since the library's function may report an error: so vectors are written out, for
   whatever processor this is. */
#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2")
#define WIDTH 4
#define NAME(x) wide_##x
#define SQRT(x) __builtin_ia32_sqrtpd256(x)
#define MAX(a, b) __builtin_ia32_maxpd256(a, b)
#define MIN(a, b) __builtin_ia32_minpd256(a, b)
#include "vectors.h"
static void measure_wide(const places *p, int64_t n, tets_columns *out, lengths *l) { wide_measure(p, n, out, l); }
static void fill_wide(const places *p, int64_t n, double *volume, double *sicn) { wide_fill(p, n, volume, sicn); }
#undef WIDTH
#undef NAME
#undef SQRT
#undef MAX
#undef MIN
#pragma GCC pop_options
#define SQRT(x) __builtin_ia32_sqrtpd(x)
#define MAX(a, b) __builtin_ia32_maxpd(a, b)
#define MIN(a, b) __builtin_ia32_minpd(a, b)
#else
static inline pair pair_sqrt(pair x) { return (pair){__builtin_sqrt(x[0]), __builtin_sqrt(x[1])}; }
static inline pair pair_max(pair a, pair b) { return (pair){a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]}; }
static inline pair pair_min(pair a, pair b) { return (pair){a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1]}; }
#define SQRT(x) pair_sqrt(x)
#define MAX(a, b) pair_max(a, b)
#define MIN(a, b) pair_min(a, b)
#endif
#define WIDTH 2
#define NAME(x) narrow_##x
#include "vectors.h"

/* an element that has lost its volume */
static void flat(tets_columns *c, int64_t i, double longest, double shortest) {
	c->value[TETS_SICN][i] = c->value[TETS_GAMMA][i] = c->value[TETS_JACOBIAN][i] = 0;
	c->value[TETS_SKEWNESS][i] = 1;
	c->value[TETS_ASPECT][i] = c->value[TETS_EDGE_RATIO][i] = limit;
	if (shortest > 0 && longest / shortest < limit)
		c->value[TETS_EDGE_RATIO][i] = longest / shortest;
	c->value[TETS_MIN_DIHEDRAL][i] = c->value[TETS_MIN_ANGLE][i] = 0;
	c->value[TETS_MAX_DIHEDRAL][i] = c->value[TETS_MAX_ANGLE][i] = 180;
}

/* takes the corners of n tetrahedra, as seen from a place; lanes beyond the last repeat it. Returns how many there are with these. */
static inline __attribute__((always_inline)) int64_t gather(const double *xyz, const uint64_t *nodes, int64_t step, int64_t n, const double *from, places *p) {
	int64_t whole = (n + 3) / 4 * 4;
	for (int64_t i = 0; i < whole; i++) {
		const uint64_t *element = nodes + (i < n ? i : n - 1) * step;
		for (int c = 0; c < 4; c++)
			for (int k = 0; k < 3; k++)
				p->at[c][k][i] = xyz[3 * element[c] + k] - from[k];
	}
	return whole;
}

void tets_measure(const double *xyz, const uint64_t *nodes, int64_t step, int64_t n, tets_columns *out) {
	static const double origin[3] = {0, 0, 0};
	places p;
	lengths l;
	int64_t whole = gather(xyz, nodes, step, n, origin, &p);
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		measure_wide(&p, whole, out, &l);
	else
#endif
		narrow_measure(&p, whole, out, &l);
	for (int64_t i = 0; i < n; i++) {
		out->value[TETS_SIZE_RATIO][i] = out->value[TETS_JACOBIAN_RATIO][i] = __builtin_nan("");
		if (l.least[i] == 0)
			flat(out, i, l.longest[i], l.shortest[i]);
	}
}

/* as internal/mesher has it */
static inline uint64_t hash_node(uint64_t n) {
	n *= 0x9e3779b97f4a7c15u;
	n ^= n >> 32;
	return n * 0xbf58476d1ce4e5b9u | 1;
}

static inline uint64_t hash_face(uint64_t sum) {
	sum ^= sum >> 32;
	return sum * sum;
}

void tets_fill(const double *xyz, const uint64_t *nodes, int64_t step, int64_t n, const double *from, const uint64_t *marked, double flat, tets_filling *out) {
	places p;
	double volume[TETS_BATCH], sicn[TETS_BATCH];
	out->bad = out->near = 0;
	if (n <= 0)
		return;
	int64_t whole = gather(xyz, nodes, step, n, from, &p);
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		fill_wide(&p, whole, volume, sicn);
	else
#endif
		narrow_fill(&p, whole, volume, sicn);
	double sum = out->volume;
	uint64_t unpaired = out->unpaired;
	for (int64_t i = 0; i < n; i++) {
		const uint64_t *e = nodes + i * step;
		uint64_t a = hash_node(e[0]), b = hash_node(e[1]), c = hash_node(e[2]), d = hash_node(e[3]);
		unpaired ^= hash_face(a + b + c) ^ hash_face(a + b + d) ^ hash_face(a + c + d) ^ hash_face(b + c + d);
		int count = 0;
		for (int k = 0; k < 4; k++)
			count += (int)(marked[e[k] / 64] >> (e[k] % 64) & 1);
		out->near_at[out->near] = (int32_t)i;
		out->inverted[out->near] = volume[i] < 0;
		out->near += count >= 3;
		out->bad_at[out->bad] = (int32_t)i;
		out->bad_sicn[out->bad] = sicn[i];
		out->bad += !(sicn[i] >= flat);
		sum += volume[i];
	}
	out->volume = sum;
	out->unpaired = unpaired;
}
