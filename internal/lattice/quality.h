/* The shape of tetrahedra. */

#ifndef LATTICE_QUALITY_H
#define LATTICE_QUALITY_H

#include "grid.h"

#ifdef __CUDACC__
#define LAT_SQRT(x) __dsqrt_rn(x)
#else
#define LAT_SQRT(x) __builtin_sqrt(x)
#endif

typedef struct {
	double volume;         /* sum */
	double gamma;          /* sum of 3 inradius/circumradius: 1 for a regular one */
	double least_volume;
	double least_gamma;
	double sharpest, flattest; /* cosines of the smallest and of the largest dihedral angle */
	i64 worst;             /* the one with the smallest dihedral angle */
} lat_quality;

/* what is measured of no tetrahedra */
LAT_FN lat_quality lat_no_quality(void) {
	lat_quality q;
	q.volume = q.gamma = 0;
	q.least_volume = 1e300;
	q.least_gamma = q.flattest = 2;
	q.sharpest = -2;
	q.worst = 0;
	return q;
}

LAT_FN double lat_dot(const double *a, const double *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

LAT_FN void lat_cross(const double *a, const double *b, double *c) {
	c[0] = a[1] * b[2] - a[2] * b[1];
	c[1] = a[2] * b[0] - a[0] * b[2];
	c[2] = a[0] * b[1] - a[1] * b[0];
}

/* the cosines of the six dihedral angles, and six times the volume */
LAT_FN double lat_dihedrals(const double *a, const double *b, const double *c, const double *d, double *least, double *most, double *area) {
	double e[3][3], n[4][3], length[4];
	for (i32 k = 0; k < 3; k++) {
		e[0][k] = b[k] - a[k];
		e[1][k] = c[k] - a[k];
		e[2][k] = d[k] - a[k];
	}
	lat_cross(e[0], e[1], n[3]);
	lat_cross(e[1], e[2], n[1]);
	lat_cross(e[2], e[0], n[2]);
	double volume = lat_dot(n[3], e[2]);
	*area = 0;
	for (i32 k = 0; k < 3; k++)
		n[0][k] = -(n[1][k] + n[2][k] + n[3][k]); /* the areas of a closed surface add up to nothing */
	for (i32 k = 0; k < 4; k++) {
		length[k] = LAT_SQRT(lat_dot(n[k], n[k]));
		*area += length[k];
	}
	double low = 2, high = -2;
	for (i32 i = 0; i < 4; i++) {
		for (i32 k = i + 1; k < 4; k++) {
			double cosine = -lat_dot(n[i], n[k]) / (length[i] * length[k]);
			low = cosine < low ? cosine : low;
			high = cosine > high ? cosine : high;
		}
	}
	*least = low;
	*most = high;
	return volume;
}

LAT_FN void lat_measure_tet(const double *xyz, const i32 *tet, i64 number, lat_quality *out) {
	const double *a = xyz + 3 * (i64)tet[0], *b = xyz + 3 * (i64)tet[1], *c = xyz + 3 * (i64)tet[2], *d = xyz + 3 * (i64)tet[3];
	double low, high, area, volume = lat_dihedrals(a, b, c, d, &low, &high, &area);
	/* 3 r/R = 216 V^2 / (A sqrt(P)), P the product of sums and differences of products of opposite edges */
	double e[6] = {0}, length[6];
	const double *ends[6][2] = {{a, b}, {c, d}, {a, c}, {b, d}, {a, d}, {b, c}};
	for (i32 k = 0; k < 6; k++) {
		for (i32 x = 0; x < 3; x++)
			e[k] += (ends[k][0][x] - ends[k][1][x]) * (ends[k][0][x] - ends[k][1][x]);
		length[k] = LAT_SQRT(e[k]);
	}
	double u = length[0] * length[1], v = length[2] * length[3], w = length[4] * length[5];
	double product = (u + v + w) * (u + v - w) * (v + w - u) * (w + u - v);
	double gamma = product > 0 && area > 0 ? 12 * volume * volume / (area * LAT_SQRT(product)) : 0;
	out->volume += volume / 6;
	out->gamma += gamma;
	out->least_volume = volume / 6 < out->least_volume ? volume / 6 : out->least_volume;
	out->least_gamma = gamma < out->least_gamma ? gamma : out->least_gamma;
	if (high > out->sharpest) {
		out->sharpest = high;
		out->worst = number;
	}
	out->flattest = low < out->flattest ? low : out->flattest;
}

#endif
