// The kernels for a processor: each call is one tile's or one batch's, on the thread that calls.
#pragma GCC optimize("O3", "no-math-errno", "no-trapping-math", "fp-contract=off")

#include "kernel.h"

#include "caps.h"
#include "cuts.h"
#include "distance.h"
#include "near.h"
#include "points.h"
#include "rows.h"

// WIDE functions are compiled for the vectors of newer processors, too. They compute the same bits on all.
#define WIDE __attribute__((target_clones("avx2", "default")))

WIDE void field_place(const double *vertices, int64_t count, const double *origin, double step, double *placed) {
    double share = 1.0 / step;
    for (int64_t n = 0; n < count; n++)
        for (int k = 0; k < 3; k++) placed[3 * n + k] = (vertices[3 * n + k] - origin[k]) * share;
}

#define CORNER(triangle, k) (placed + 3 * (int64_t)triangles[3 * (int64_t)(triangle) + (k)])

WIDE void field_slabs_of(const double *placed, const int32_t *triangles, int64_t count, double below, double above, int32_t slabs, int32_t first_slab, int32_t *range) {
    for (int64_t n = 0; n < count; n++) {
        double a = CORNER(n, 0)[2], b = CORNER(n, 1)[2], c = CORNER(n, 2)[2];
        double least = field_min(a, field_min(b, c)) - below, most = field_max(a, field_max(b, c)) + above;
        int32_t from = field_floor(2.0 * least) - first_slab, to = field_ceil(2.0 * most) - first_slab;
        if (to < 0 || from >= slabs) {
            range[2 * n] = 1, range[2 * n + 1] = 0;
            continue;
        }
        range[2 * n] = field_maxi(from, 0);
        range[2 * n + 1] = field_mini(field_maxi(to, 0), slabs - 1);
    }
}

WIDE void field_scan_tile(const double *placed, const int32_t *triangles, const int32_t *weight, const int32_t *list, int64_t count, field_tile tile,
                     int32_t *winding, uint8_t *inside) {
    int64_t rows = (int64_t)(tile.m1 - tile.m0) * tile.ny;
    memset(winding, 0, rows * tile.nx * sizeof *winding);
    for (int64_t n = 0; n < count; n++) {
        int32_t t = list[n];
        field_scan(CORNER(t, 0), CORNER(t, 1), CORNER(t, 2), weight[t], tile, winding);
    }
    for (int64_t row = 0; row < rows; row++) field_sum_row(winding + row * tile.nx, inside + row * tile.nx, tile.nx);
}

WIDE int64_t field_cut_edges(const uint8_t *inside, field_tile tile, uint8_t *cut) {
    int64_t owners = 0;
    for (int32_t m = tile.m0; m < tile.m1; m++)
        for (int32_t j = 0; j < tile.ny; j++) owners += field_cut_row(inside, tile, m, j, cut);
    return owners;
}

int64_t field_owners(const uint8_t *cut, int64_t nodes, int32_t first_node, int32_t first_slot, int32_t *node, int32_t *slot, float *share, int32_t *triangle) {
    int32_t n = 0;
    for (int64_t i = 0; i < nodes; i++) {
        if ((i & 7) == 0 && i + 8 <= nodes) {
            uint64_t eight;
            memcpy(&eight, cut + i, 8);
            if (!eight) {
                memset(slot + i, -1, 8 * sizeof *slot);
                i += 7;
                continue;
            }
        }
        slot[i] = cut[i] ? first_slot + n : -1;
        if (cut[i]) node[n++] = first_node + (int32_t)i;
    }
    for (int64_t i = 0; i < (int64_t)n * FIELD_EDGES; i++) {
        share[i] = 2.0f;
        triangle[i] = INT32_MAX;
    }
    return n;
}

WIDE void field_cut_tile(const double *placed, const int32_t *triangles, const int32_t *list, int64_t count, int32_t solid, field_tile tile, const int32_t *slot,
                    const uint8_t *cut, float *share, int32_t *triangle) {
    field_cuts cuts = {slot, cut, share, triangle};
    for (int64_t n = 0; n < count; n++) {
        int32_t t = list[n];
        if (t < solid) field_cut_triangle(CORNER(t, 0), CORNER(t, 1), CORNER(t, 2), t, tile, cuts);
    }
}

WIDE void field_distance_tile(const double *placed, const int32_t *triangles, const int32_t *list, int64_t count, int32_t solid, float band, double step,
                              field_tile tile, const uint8_t *inside, float *squares, float *distance) {
    int64_t rows = (int64_t)(tile.m1 - tile.m0) * tile.ny, stride = tile.nx + FIELD_LANES;
    for (int64_t i = 0; i < rows * stride; i++) squares[i] = band * band;
    for (int64_t n = 0; n < count; n++) {
        int32_t t = list[n];
        if (t < solid) field_reach(CORNER(t, 0), CORNER(t, 1), CORNER(t, 2), band, tile, squares);
    }
    for (int64_t row = 0; row < rows; row++)
        for (int32_t i = 0; i < tile.nx; i++) {
            float d = sqrtf(squares[row * stride + i]) * (float)step;
            distance[row * tile.nx + i] = inside[row * tile.nx + i] ? -d : d;
        }
}

WIDE static void bundle_winding(const field_crowd *crowd, const double *origin, double step, int32_t ui, int32_t uj, int32_t um, field_bundle *bundle) {
    field_bundle_winding(crowd, origin, step, ui, uj, um, bundle);
}

WIDE static void block_winding(const field_crowd *crowd, const field_bundle *bundle, const double *origin, double step, int32_t bi, int32_t bj, int32_t bm, float *sum) {
    field_block_winding(crowd, bundle, origin, step, bi, bj, bm, sum);
}

// caps_bundle does the blocks of a bundle.
static void caps_bundle(const field_crowd *crowd, const double *origin, double step, field_tile tile, int32_t ui, int32_t uj, int32_t um, const int32_t *winding, uint8_t *inside,
                       float *all) {
    field_bundle bundle;
    int32_t asked = 0;
    for (int32_t n = 0; n < 8; n++) {
        int32_t bi = 2 * ui + (n & 1), bj = 2 * uj + (n >> 1 & 1), bm = 2 * um + (n >> 2);
        if (!field_block_meets(tile, bi, bj, bm)) continue;
        if (!all && !field_cube_matters(crowd, origin, step, bi * FIELD_BLOCK, bj * FIELD_BLOCK, bm * FIELD_BLOCK, FIELD_BLOCK)) continue;
        if (!asked) bundle_winding(crowd, origin, step, ui, uj, um, &bundle), asked = 1;
        float sum[FIELD_GROUP];
        block_winding(crowd, &bundle, origin, step, bi, bj, bm, sum);
        field_block_open(tile, bi, bj, bm, sum, winding, inside, all);
    }
}

void field_caps_tile(const field_crowd *crowd, const double *origin, double step, field_tile tile, const int32_t *winding, uint8_t *inside, float *all) {
    const int32_t big = FIELD_GLANCE, bundles = FIELD_GLANCE / FIELD_BUNDLE;
    for (int32_t m = tile.m0 / big * big; m < tile.m1; m += big)
        for (int32_t j = 0; j < tile.ny; j += big)
            for (int32_t i = 0; i < tile.nx; i += big) {
                if (!all && !field_cube_matters(crowd, origin, step, i, j, m, big)) continue;
                for (int32_t n = 0; n < bundles * bundles * bundles; n++)
                    caps_bundle(crowd, origin, step, tile, i / FIELD_BUNDLE + n % bundles, j / FIELD_BUNDLE + n / bundles % bundles, m / FIELD_BUNDLE + n / bundles / bundles,
                               winding, inside, all);
            }
}

void field_count_points(const field_tree *tree, const double *points, int64_t count, int32_t *winding) {
    for (int64_t n = 0; n < count; n++) winding[n] = field_count(tree, points + 3 * n);
}

WIDE void field_ask_points(const field_crowd *crowd, const double *points, int64_t count, int32_t together, float *sum) {
    for (int64_t n = 0; n < count; n += together) {
        field_group group;
        int32_t some = (int32_t)(count - n < together ? count - n : together);
        field_gather(&group, points + 3 * n, some, crowd->scale);
        field_ask(&group, crowd);
        memcpy(sum + n, group.sum, some * sizeof *sum);
    }
}

void field_nearest_points(const field_tree *tree, const double *points, int64_t count, double within, double *nearest, double *distance, int32_t *triangle) {
    for (int64_t n = 0; n < count; n++) {
        double square = within * within;
        triangle[n] = field_nearest(tree, points + 3 * n, &square, nearest + 3 * n);
        distance[n] = sqrt(square);
    }
}

void field_cross_segments(const field_tree *tree, const double *from, const double *to, int64_t count, double *share, int32_t *triangle) {
    for (int64_t n = 0; n < count; n++) triangle[n] = field_crossing(tree, from + 3 * n, to + 3 * n, share + n);
}

static void corners_of(const double *vertices, const int32_t *triangle, const double *corner[3]) {
    for (int k = 0; k < 3; k++) corner[k] = vertices + 3 * (int64_t)triangle[k];
}

WIDE int64_t field_layers_of(const double *vertices, const int32_t *triangles, int64_t count, double reach, const field_grid *grid, int32_t *layers) {
    int64_t rows = 0;
    for (int64_t t = 0; t < count; t++) {
        const double *corner[3];
        int32_t from, to;
        corners_of(vertices, triangles + 3 * t, corner);
        field_cells(grid, corner, reach, 1, &from, &to);
        field_cells(grid, corner, reach, 2, &layers[2 * t], &layers[2 * t + 1]);
        if (from < to && layers[2 * t] < layers[2 * t + 1]) rows += (int64_t)(to - from) * (layers[2 * t + 1] - layers[2 * t]);
    }
    return rows;
}

WIDE void field_near_points(const double *vertices, const int32_t *triangles, int64_t count, const int32_t *layers, double reach, const field_grid *grid,
                            const field_points *points) {
    for (int64_t t = 0; t < count; t++) {
        if (layers[2 * t] >= grid->k1 || layers[2 * t + 1] <= grid->k0) continue;
        const double *corner[3];
        corners_of(vertices, triangles + 3 * t, corner);
        field_reach_points(corner, reach, field_maxi(layers[2 * t], grid->k0), field_mini(layers[2 * t + 1], grid->k1), grid, points);
    }
}

void field_cells_of(const double *points, int64_t count, const field_grid *grid, int32_t *cell) {
    for (int64_t n = 0; n < count; n++) {
        int32_t at[3];
        for (int k = 0; k < 3; k++) at[k] = field_mini(field_maxi(field_cell(grid, points[3 * n + k], k), 0), grid->n[k] - 1);
        cell[n] = (at[2] * grid->n[1] + at[1]) * grid->n[0] + at[0];
    }
}
