#include "measure.h"

#include <string.h>

/* No flag of the processor is asked for errors, so that both sides of a choice may be computed; values are those of IEEE 754 all the same. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "no-trapping-math", "fp-contract=off")
#endif

#if defined(__x86_64__) && !defined(__clang__)
#define DISPATCH __attribute__((target_clones("avx2", "default")))
#else
#define DISPATCH
#endif

/* whether a number is a power of two */
static inline int is_power(double x) {
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits << 12 == 0;
}

/* the fine bin of each value; what lies beyond the scale is in its first or last */
static inline __attribute__((always_inline)) void place(const tets_scale *s, const double *x, int64_t n, int32_t *at) {
	const double low = s->low, range = s->high - s->low, size = (double)s->size, last = size - 1;
	if (s->octaves) {
		/* exponent and leading bits of the mantissa: even bins within each octave */
		int64_t first, end = s->size - 1;
		memcpy(&first, &low, sizeof first);
		first >>= 47;
		for (int64_t i = 0; i < n; i++) {
			int64_t bits;
			memcpy(&bits, x + i, sizeof bits);
			bits = (int64_t)((uint64_t)bits >> 47) - first;
			bits = x[i] > low ? bits : 0;
			at[i] = (int32_t)(bits < end ? bits : end);
		}
		return;
	}
	const double share = 1 / range;
	if (is_power(range)) { /* to multiply by its inverse gives the same bits, sooner */
		for (int64_t i = 0; i < n; i++) {
			double bin = (x[i] - low) * share * size;
			bin = x[i] > low ? bin : 0;
			at[i] = (int32_t)(bin < last ? bin : last);
		}
		return;
	}
	for (int64_t i = 0; i < n; i++) {
		double bin = (x[i] - low) / range * size;
		bin = x[i] > low ? bin : 0;
		at[i] = (int32_t)(bin < last ? bin : last);
	}
}

enum { LANES = 8 };

static inline __attribute__((always_inline)) void bounds(const double *x, int64_t n, double *least, double *most) {
	double low[LANES], high[LANES];
	for (int k = 0; k < LANES; k++)
		low[k] = high[k] = x[0];
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		for (int k = 0; k < LANES; k++) {
			low[k] = x[i + k] < low[k] ? x[i + k] : low[k];
			high[k] = x[i + k] > high[k] ? x[i + k] : high[k];
		}
	}
	for (; i < n; i++)
		low[0] = x[i] < low[0] ? x[i] : low[0], high[0] = x[i] > high[0] ? x[i] : high[0];
	for (int k = 1; k < LANES; k++)
		low[0] = low[k] < low[0] ? low[k] : low[0], high[0] = high[k] > high[0] ? high[k] : high[0];
	*least = low[0], *most = high[0];
}

/* measures are added up in the order of the elements, some of them side by side: each sum waits for the one before */
enum { TOGETHER = 6 };

static inline __attribute__((always_inline)) void add(const double *const *x, int64_t n, double *const *sums) {
	double s0 = *sums[0], s1 = *sums[1], s2 = *sums[2], s3 = *sums[3], s4 = *sums[4], s5 = *sums[5];
	for (int64_t i = 0; i < n; i++) {
		s0 += x[0][i], s1 += x[1][i], s2 += x[2][i];
		s3 += x[3][i], s4 += x[4][i], s5 += x[5][i];
	}
	*sums[0] = s0, *sums[1] = s1, *sums[2] = s2, *sums[3] = s3, *sums[4] = s4, *sums[5] = s5;
}

/* likewise for counts: an element that is in the bin of the one before waits for that */
static inline __attribute__((always_inline)) void count(uint32_t *const *to, int32_t (*at)[TETS_BATCH], int64_t n) {
	uint32_t *c0 = to[0], *c1 = to[1], *c2 = to[2], *c3 = to[3], *c4 = to[4], *c5 = to[5];
	for (int64_t i = 0; i < n; i++) {
		c0[at[0][i]]++, c1[at[1][i]]++, c2[at[2][i]]++;
		c3[at[3][i]]++, c4[at[4][i]]++, c5[at[5][i]]++;
	}
}

DISPATCH void tets_gather(const tets_columns *c, int64_t n, const tets_scale *scales, uint32_t *counts, tets_sums *sums, double *volume) {
	static const double nothing[TETS_BATCH];
	int32_t at[TETS_MEASURES + TOGETHER][TETS_BATCH];
	uint32_t *to[TETS_MEASURES + TOGETHER];
	const double *columns[TETS_MEASURES + TOGETHER];
	double *totals[TETS_MEASURES + TOGETHER], spare = 0;
	int whole = 0, summed = 0;
	if (n <= 0)
		return;
	for (int m = 0; m < TETS_MEASURES; m++) {
		const double *x = c->value[m];
		int64_t missing = 0;
		for (int64_t i = 0; i < n; i++)
			missing += x[i] != x[i];
		if (missing == n)
			continue;
		place(&scales[m], x, n, at[whole]);
		tets_sums *s = &sums[m];
		if (missing > 0) {
			for (int64_t i = 0; i < n; i++) {
				if (x[i] != x[i])
					continue;
				counts[scales[m].from + at[whole][i]]++;
				s->min = s->n == 0 || x[i] < s->min ? x[i] : s->min;
				s->max = s->n == 0 || x[i] > s->max ? x[i] : s->max;
				s->sum += x[i];
				s->n++;
			}
			continue;
		}
		double low, high;
		bounds(x, n, &low, &high);
		s->min = s->n == 0 || low < s->min ? low : s->min;
		s->max = s->n == 0 || high > s->max ? high : s->max;
		s->n += n;
		columns[summed] = x, totals[summed++] = &s->sum;
		to[whole++] = counts + scales[m].from;
	}
	uint32_t unwanted = 0;
	for (; whole % TOGETHER != 0; whole++) {
		to[whole] = &unwanted;
		memset(at[whole], 0, (size_t)n * sizeof at[whole][0]);
	}
	for (int m = 0; m < whole; m += TOGETHER)
		count(to + m, at + m, n);
	columns[summed] = c->volume, totals[summed++] = volume;
	while (summed % TOGETHER != 0)
		columns[summed] = nothing, totals[summed++] = &spare;
	for (int m = 0; m < summed; m += TOGETHER)
		add(columns + m, n, totals + m);
}
