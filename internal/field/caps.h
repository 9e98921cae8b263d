// Holes: the caps across them are no part of the surface, so that their own winding number is taken off where it can change a side. The lattice is
// parted into blocks of 4 x 4 nodes in 4 slabs, counted from its origin, whatever the tile: each is asked as one group
// for what is near.
#ifndef FIELD_CAPS_H
#define FIELD_CAPS_H

#include "bundle.h"

#define FIELD_GLANCE 16 // nodes a side, and slabs, that one glance takes in

FIELD_FN void field_block_points(const double *origin, double step, int32_t bi, int32_t bj, int32_t bm, double *points) {
    for (int32_t n = 0; n < FIELD_GROUP; n++) {
        int32_t m = FIELD_BLOCK * bm + n / 16;
        double offset = (m & 1) ? 0.5 : 0.0;
        points[3 * n] = origin[0] + step * (FIELD_BLOCK * bi + n % 4 + offset);
        points[3 * n + 1] = origin[1] + step * (FIELD_BLOCK * bj + n / 4 % 4 + offset);
        points[3 * n + 2] = origin[2] + step * (0.5 * m);
    }
}

// field_cube_matters asks for several nodes at once: a cube of as many slabs as nodes.
FIELD_FN int32_t field_cube_matters(const field_crowd *crowd, const double *origin, double step, int32_t i, int32_t j, int32_t m, int32_t size) {
    double wide = 0.5 * (size - 0.5), high = 0.25 * (size - 1);
    double centre[3] = {origin[0] + step * (i + wide), origin[1] + step * (j + wide), origin[2] + step * (0.5 * m + high)};
    return field_matters(crowd, centre, step * FIELD_SQRT(2.0 * wide * wide + high * high) * 1.000001);
}

FIELD_FN int32_t field_block_meets(field_tile tile, int32_t bi, int32_t bj, int32_t bm) {
    return bi * FIELD_BLOCK < tile.nx && bj * FIELD_BLOCK < tile.ny && bm * FIELD_BLOCK < tile.m1 && (bm + 1) * FIELD_BLOCK > tile.m0;
}

// field_block_winding returns the caps' winding numbers at the points of a block, of which the bundle holds what is far.
FIELD_FN void field_block_winding(const field_crowd *crowd, const field_bundle *bundle, const double *origin, double step, int32_t bi, int32_t bj, int32_t bm, float *sum) {
    double points[3 * FIELD_GROUP];
    field_group group;
    field_block_points(origin, step, bi, bj, bm, points);
    field_gather(&group, points, FIELD_GROUP, crowd->scale);
    for (int32_t n = 0; n < bundle->count; n++) field_ask_below(&group, crowd, bundle->roots[n]);
    field_block_between(bundle, bi, bj, bm, group.sum);
    for (int32_t n = 0; n < FIELD_GROUP; n++) sum[n] = group.sum[n];
}

// field_block_open says of the nodes of a block where they are; all is what their winding number is, if it is given.
FIELD_FN void field_block_open(field_tile tile, int32_t bi, int32_t bj, int32_t bm, const float *sum, const int32_t *winding, uint8_t *inside, float *all) {
    for (int32_t l = 0; l < FIELD_GROUP; l++) {
        int32_t ni = FIELD_BLOCK * bi + l % 4, nj = FIELD_BLOCK * bj + l / 4 % 4, nm = FIELD_BLOCK * bm + l / 16;
        if (ni >= tile.nx || nj >= tile.ny || nm < tile.m0 || nm >= tile.m1) continue;
        int64_t node = ((int64_t)(nm - tile.m0) * tile.ny + nj) * tile.nx + ni;
        float w = (float)winding[node] - sum[l];
        inside[node] = w >= 0.5f;
        if (all) all[node] = w;
    }
}

#endif
