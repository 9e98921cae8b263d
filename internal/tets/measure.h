/* The measures of straight tetrahedra, and how they are counted. What they are is told in Go by internal/quality, whose arithmetic this is,
   operation by operation: nothing is fused or put in another order, so that both give the same bits. */

#ifndef TETS_MEASURE_H
#define TETS_MEASURE_H

#include <stdint.h>

enum { TETS_BATCH = 128 }; /* how many are looked at together */

/* the measures, in the order of internal/quality */
enum {
	TETS_SICN, TETS_GAMMA, TETS_JACOBIAN, TETS_ASPECT, TETS_EDGE_RATIO, TETS_SKEWNESS, TETS_MIN_DIHEDRAL, TETS_MAX_DIHEDRAL,
	TETS_MIN_ANGLE, TETS_MAX_ANGLE, TETS_EDGE_LENGTH, TETS_SIZE_RATIO, TETS_JACOBIAN_RATIO, TETS_MEASURES
};

/* one row for each measure, NaN where it is not defined, and the volumes */
typedef struct {
	double value[TETS_MEASURES][TETS_BATCH];
	double volume[TETS_BATCH];
} tets_columns;

/* how the bins of a measure lie: see scale in internal/quality */
typedef struct {
	double low, high;
	int64_t octaves, from, size;
} tets_scale;

/* what is added up of a measure */
typedef struct {
	double min, max, sum;
	int64_t n;
} tets_sums;

/* measures n tetrahedra, n <= TETS_BATCH, by the first four of step nodes each */
void tets_measure(const double *xyz, const uint64_t *nodes, int64_t step, int64_t n, tets_columns *out);

/* counts and adds up n of each measure; volume gets the sum of theirs added */
void tets_gather(const tets_columns *c, int64_t n, const tets_scale *scales, uint32_t *counts, tets_sums *sums, double *volume);

/* what is found of how tetrahedra fill a solid: sums go on from what they were */
typedef struct {
	double volume;
	uint64_t unpaired; /* the exclusive or of a hash of every face */
	int32_t bad, near; /* how many follow of each */
	int32_t bad_at[TETS_BATCH]; /* that are inverted or flat, and their SICN */
	double bad_sicn[TETS_BATCH];
	int32_t near_at[TETS_BATCH]; /* that have three corners marked at least, and whether their volume is negative */
	uint8_t inverted[TETS_BATCH];
} tets_filling;

/* looks at n tetrahedra, n <= TETS_BATCH, as tets_measure does, seen from a place; marked has a bit for each node */
void tets_fill(const double *xyz, const uint64_t *nodes, int64_t step, int64_t n, const double *from, const uint64_t *marked, double flat, tets_filling *out);

#endif
