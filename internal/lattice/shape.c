/* Sums and products are those of shapeOf in shape_test.go, operation by operation, so that the bits are the same. */

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "no-math-errno", "no-trapping-math", "fp-contract=off")
#endif

#include "shape.h"

#include <math.h>

#if defined(__x86_64__) && !defined(__clang__)
#define DISPATCH __attribute__((target_clones("avx2", "default")))
#else
#define DISPATCH
#endif
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 8 };
_Static_assert(LAT_AROUND % LANES == 0, "rows are read LANES at a time");

static const double inverted = 2, gamma_weight = 0.302, sure_volume = 0.25;

typedef struct {
	double x, y, z;
} vec;

INLINE vec less(vec a, vec b) { return (vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
INLINE double dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
INLINE vec cross(vec a, vec b) { return (vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
INLINE double larger(double a, double b) { return a > b ? a : b; }
/* as larger, but that what is no number is worse than any */
INLINE double worse(double a, double b) { return b > a || b != b ? b : a; }

/* the shape, if it follows from the angles; else sure is set to 0 */
INLINE double angles(vec a, vec b, vec c, vec d, int64_t *sure) {
	vec e = less(b, a), f = less(c, a), g = less(d, a);
	vec n3 = cross(e, f), n1 = cross(f, g), n2 = cross(g, e);
	double volume = dot(n3, g), ee = dot(e, e), ff = dot(f, f), gg = dot(g, g);
	vec n0 = {-(n1.x + n2.x + n3.x), -(n1.y + n2.y + n3.y), -(n1.z + n2.z + n3.z)};
	double s0 = 1 / dot(n0, n0), s1 = 1 / dot(n1, n1), s2 = 1 / dot(n2, n2), s3 = 1 / dot(n3, n3);
	double d0 = dot(n0, n1), d1 = dot(n0, n2), d2 = dot(n0, n3), d3 = dot(n1, n2), d4 = dot(n1, n3), d5 = dot(n2, n3);
	double worst = larger(larger(larger(d0 * d0 * s0 * s1, d1 * d1 * s0 * s2), larger(d2 * d2 * s0 * s3, d3 * d3 * s1 * s2)),
		larger(d4 * d4 * s1 * s3, d5 * d5 * s2 * s3));
	vec x = less(g, f), y = less(e, g), z = less(f, e);
	double mean = (ee + ff + gg + dot(x, x) + dot(y, y) + dot(z, z)) / 6;
	*sure = (volume > 0) & (2 * volume * volume > sure_volume * mean * mean * mean);
	return worst;
}

/* the shape where it does not */
static double wholly(vec a, vec b, vec c, vec d, double worst) {
	vec e = less(b, a), f = less(c, a), g = less(d, a);
	vec n3 = cross(e, f), n1 = cross(f, g), n2 = cross(g, e);
	double volume = dot(n3, g), ee = dot(e, e), ff = dot(f, f), gg = dot(g, g);
	if (!(volume > 0))
		return inverted - volume / (sqrt(ee) * sqrt(ff) * sqrt(gg) + 1e-300);
	vec n0 = {-(n1.x + n2.x + n3.x), -(n1.y + n2.y + n3.y), -(n1.z + n2.z + n3.z)};
	vec x = less(g, f), y = less(e, g), z = less(f, e);
	double u = sqrt(ee * dot(x, x)), v = sqrt(ff * dot(y, y)), w = sqrt(gg * dot(z, z));
	double product = (u + v + w) * (u + v - w) * (v + w - u) * (w + u - v);
	double surface = sqrt(dot(n0, n0)) + sqrt(dot(n1, n1)) + sqrt(dot(n2, n2)) + sqrt(dot(n3, n3));
	double gamma = product > 0 ? 12 * volume * volume / (surface * sqrt(product)) : 0;
	return larger(worst, 1 - gamma_weight * gamma);
}

INLINE vec corner(const lat_around *a, int c, int i) { return (vec){a->at[c][0][i], a->at[c][1][i], a->at[c][2][i]}; }

INLINE vec corner_or(const lat_around *a, int c, int i, vec p) {
	vec q = corner(a, c, i);
	int64_t moves = a->moves[c][i];
	return (vec){moves ? p.x : q.x, moves ? p.y : q.y, moves ? p.z : q.z};
}

DISPATCH void lat_shapes(lat_around *a) {
	for (int first = 0; first < a->count; first += LANES) {
		int64_t sure[LANES], all = 1;
		double shape[LANES];
		for (int l = 0; l < LANES; l++)
			shape[l] = angles(corner(a, 0, first + l), corner(a, 1, first + l), corner(a, 2, first + l), corner(a, 3, first + l), &sure[l]);
		for (int l = 0; l < LANES; l++)
			all &= sure[l], a->shape[first + l] = shape[l];
		if (all)
			continue;
		for (int l = 0; l < LANES && first + l < a->count; l++)
			if (!sure[l])
				a->shape[first + l] = wholly(corner(a, 0, first + l), corner(a, 1, first + l), corner(a, 2, first + l), corner(a, 3, first + l), shape[l]);
	}
}

/* The worst shape where the node is at a place, or something that is not below the limit. A place that is none for one tetrahedron has most often been
   preceded by one that was none for the same: begin is where to look first. looked says how many tetrahedra it took, by LANES. */
INLINE double worst_below(const lat_around *a, vec p, double limit, int32_t *begin, int32_t *looked) {
	double worst = 0;
	int32_t end = (a->count + LANES - 1) / LANES * LANES, first = *begin;
	for (int32_t seen = 0; seen < end; seen += LANES, first = first + LANES < end ? first + LANES : 0) {
		int64_t sure[LANES];
		double shape[LANES];
		for (int l = 0; l < LANES; l++)
			shape[l] = angles(corner_or(a, 0, first + l, p), corner_or(a, 1, first + l, p), corner_or(a, 2, first + l, p), corner_or(a, 3, first + l, p), &sure[l]);
		*looked += first + LANES < a->count ? LANES : a->count - first;
		*begin = first;
		for (int l = 0; l < LANES && first + l < a->count; l++)
			if (shape[l] >= limit && (sure[l] || limit <= inverted)) /* a whole shape is no less than that of the angles, or inverted */
				return shape[l];
		for (int l = 0; l < LANES && first + l < a->count; l++) {
			int i = first + l;
			worst = worse(worst, sure[l] ? shape[l] : wholly(corner_or(a, 0, i, p), corner_or(a, 1, i, p), corner_or(a, 2, i, p), corner_or(a, 3, i, p), shape[l]));
			if (!(worst < limit))
				return worst;
		}
	}
	return worst;
}

DISPATCH int32_t lat_best_place(lat_around *a, int32_t places, double *best) {
	int32_t at = -1, begin = 0;
	for (int32_t i = 0; i < a->count; i++)
		if (a->shape[i] > a->shape[begin])
			begin = i;
	begin -= begin % LANES;
	a->looked = 0;
	for (int32_t k = 0; k < places; k++) {
		if (!a->may[k])
			continue;
		int32_t from = begin;
		double worst = worst_below(a, (vec){a->place[k][0], a->place[k][1], a->place[k][2]}, *best, &from, &a->looked);
		if (worst < *best)
			*best = worst, at = k;
		else
			begin = from;
	}
	return at;
}
