/* The kernels on a GPU, of the same source as those on the CPU: where the lattice's nodes are, and where its edges pass through. A thread does a
   vertex, a row, a block, an owner of edges, or a triangle in some slabs. See device.go. */

#define FIELD_PACKED
#include "../gpu/kernel.h"

#include "../gpu/scan.h"
#include "caps.h"
#include "cuts.h"
#include "rows.h"
#include "scan.h"

/* frame is the lattice's origin and its step */
KERNEL field_gpu_place(const double *vertices, int64_t count, const double *frame, double *placed) {
    int64_t n = THREAD;
    double share = 1.0 / frame[3];
    if (n >= count) return;
    for (int k = 0; k < 3; k++) placed[3 * n + k] = (vertices[3 * n + k] - frame[k]) * share;
}

#define CORNER(triangle, k) (placed + 3 * (int64_t)triangles[3 * (int64_t)(triangle) + (k)])

/* what is sampled at once: size is that of rows, slabs and the lattice in nodes, rows and slabs, then the first slab and the one behind the last */
FIELD_FN field_tile field_tile_of(const int32_t *size) {
    field_tile tile;
    tile.nx = size[0];
    tile.ny = size[1];
    tile.slabs = size[2];
    tile.m0 = size[3];
    tile.m1 = size[4];
    return tile;
}

FIELD_FN int64_t field_rows(field_tile tile) { return (int64_t)tile.ny * (tile.m1 - tile.m0); }

/* Narrows a tile to some of its slabs, and returns how many nodes of it lie before them; -1 where it ends before. */
FIELD_FN int64_t field_narrow(field_tile *tile, int64_t part, int64_t number) {
    int64_t before = number * part, first = tile->m0 + before;
    if (first >= tile->m1) return -1;
    tile->m0 = (int32_t)first;
    if (first + part < tile->m1) tile->m1 = (int32_t)(first + part);
    return before * tile->ny * tile->nx;
}

KERNEL field_gpu_scan(const double *placed, const int32_t *triangles, const int32_t *weight, int64_t count, const int32_t *size, int64_t part, int32_t *change) {
    int64_t t = THREAD % count;
    field_tile tile = field_tile_of(size);
    int64_t before = field_narrow(&tile, part, THREAD / count);
    if (before < 0) return;
    field_scan(CORNER(t, 0), CORNER(t, 1), CORNER(t, 2), weight[t], tile, change + before);
}

KERNEL field_gpu_sides(int32_t *change, const int32_t *size, uint8_t *inside) {
    int64_t row = THREAD;
    if (row < field_rows(field_tile_of(size))) field_sum_row(change + row * size[0], inside + row * size[0], size[0]);
}

/* takes the caps' own winding number off in one block, where it can matter */
KERNEL field_gpu_caps(const field_crowd *crowd, const double *frame, const int32_t *size, const int32_t *winding, uint8_t *inside) {
    field_tile tile = field_tile_of(size);
    int64_t wide = (tile.nx + FIELD_BLOCK - 1) / FIELD_BLOCK, deep = (tile.ny + FIELD_BLOCK - 1) / FIELD_BLOCK;
    int32_t bi = (int32_t)(THREAD % wide), bj = (int32_t)(THREAD / wide % deep), bm = (int32_t)(THREAD / wide / deep) + tile.m0 / FIELD_BLOCK;
    const int32_t many = FIELD_GLANCE / FIELD_BLOCK;
    if (!field_block_meets(tile, bi, bj, bm)) return;
    if (!field_cube_matters(crowd, frame, frame[3], bi / many * FIELD_GLANCE, bj / many * FIELD_GLANCE, bm / many * FIELD_GLANCE, FIELD_GLANCE)) return;
    if (!field_cube_matters(crowd, frame, frame[3], bi * FIELD_BLOCK, bj * FIELD_BLOCK, bm * FIELD_BLOCK, FIELD_BLOCK)) return;
    float sum[FIELD_GROUP];
    field_bundle bundle;
    field_bundle_winding(crowd, frame, frame[3], bi / 2, bj / 2, bm / 2, &bundle);
    field_block_winding(crowd, &bundle, frame, frame[3], bi, bj, bm, sum);
    field_block_open(tile, bi, bj, bm, sum, winding, inside, 0);
}

KERNEL field_gpu_cut_rows(const uint8_t *inside, const int32_t *size, uint8_t *cut, uint32_t *owners) {
    int64_t row = THREAD;
    field_tile tile = field_tile_of(size);
    if (row < field_rows(tile)) owners[row] = (uint32_t)field_cut_row(inside, tile, tile.m0 + (int32_t)(row / tile.ny), (int32_t)(row % tile.ny), cut);
}

/* numbers the nodes of a row that own a cut edge from where the row begins, and empties their edges */
KERNEL field_gpu_owners(const uint8_t *cut, const int32_t *size, const uint32_t *owners, int32_t *slot, int32_t *node, unsigned long long *words) {
    int64_t row = THREAD;
    if (row >= field_rows(field_tile_of(size))) return;
    int32_t n = (int32_t)owners[row];
    for (int64_t at = row * size[0]; at < (row + 1) * size[0]; at++) {
        slot[at] = cut[at] ? n : -1;
        if (!cut[at]) continue;
        node[n] = (int32_t)at;
        for (int e = 0; e < FIELD_EDGES; e++) words[(int64_t)n * FIELD_EDGES + e] = FIELD_NO_CUT;
        n++;
    }
}

KERNEL field_gpu_cut(const double *placed, const int32_t *triangles, int64_t count, const int32_t *size, int64_t part, const int32_t *slot, const uint8_t *cut,
                     unsigned long long *words) {
    int64_t n = THREAD, t = n % count, direction = n / count % FIELD_EDGES;
    field_tile tile = field_tile_of(size);
    int64_t before = field_narrow(&tile, part, n / count / FIELD_EDGES);
    if (before < 0) return;
    field_cuts cuts;
    cuts.slot = slot + before;
    cuts.cut = cut + before;
    cuts.words = words;
    field_cut_lines(CORNER(t, 0), CORNER(t, 1), CORNER(t, 2), (int32_t)direction, (int32_t)t, tile, cuts);
}

/* A cut edge that passes through no triangle: what the host places (holes.go). */
typedef struct {
    int32_t at, node, inside, spare;
} field_missing;

/* parts what was found of each edge, names triangles as the input does, and lists the edges of which nothing was found, as far as there is room */
KERNEL field_gpu_name(const unsigned long long *words, int64_t slots, const int32_t *node, const uint8_t *cut, const uint8_t *inside, const int32_t *number,
                      float *share, int32_t *triangle, field_missing *gaps, int64_t room, uint32_t *found) {
    int64_t n = THREAD;
    if (n >= slots) return;
    for (int e = 0; e < FIELD_EDGES; e++) {
        int64_t at = n * FIELD_EDGES + e;
        share[at] = -1.0f;
        triangle[at] = -1;
        if (!(cut[node[n]] >> e & 1)) continue;
        if (words[at] != FIELD_NO_CUT) {
            share[at] = field_share_of(words[at]);
            triangle[at] = number[(int32_t)(words[at] & 0xffffffffu)];
            continue;
        }
        uint32_t place = TAKE(found);
        if ((int64_t)place < room) {
            gaps[place].at = (int32_t)at;
            gaps[place].node = node[n];
            gaps[place].inside = inside[node[n]];
        }
    }
}

KERNEL field_gpu_mend(const int32_t *at, const float *found_share, const int32_t *found_triangle, int64_t n, float *share, int32_t *triangle) {
    if (THREAD >= n) return;
    share[at[THREAD]] = found_share[THREAD];
    triangle[at[THREAD]] = found_triangle[THREAD];
}
