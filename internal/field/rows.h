// What is done to each row of nodes.
#ifndef FIELD_ROWS_H
#define FIELD_ROWS_H

#include "shared.h"

// field_sum_row makes the winding numbers of a row of what they change by, and says where they are positive.
FIELD_FN void field_sum_row(int32_t *winding, uint8_t *inside, int32_t nx) {
    int32_t sum = 0;
    for (int32_t i = 0; i < nx; i++) {
        sum += winding[i];
        winding[i] = sum;
        inside[i] = sum > 0;
    }
}

// field_differ sets a bit of each node of a row whose side is not that of the node of another row, shifted.
FIELD_FN void field_differ(uint8_t *cut, const uint8_t *row, const uint8_t *other, int32_t from, int32_t to, int32_t shift, int32_t bit) {
    for (int32_t i = from; i < to; i++) cut[i] |= (uint8_t)((row[i] ^ other[i + shift]) << bit);
}

// field_cut_row marks the edges of the nodes of row j of slab m whose ends differ, and counts the nodes that own one. inside and cut
// begin at the tile; inside reaches two slabs beyond.
FIELD_FN int32_t field_cut_row(const uint8_t *inside, field_tile tile, int32_t m, int32_t j, uint8_t *cut) {
    int64_t plane = (int64_t)tile.nx * tile.ny;
    int32_t nx = tile.nx, ny = tile.ny, s = m & 1, owners = 0;
    const uint8_t *row = inside + (m - tile.m0) * plane + (int64_t)j * nx;
    uint8_t *to = cut + (row - inside);
    for (int32_t i = 0; i < nx; i++) to[i] = 0;
    field_differ(to, row, row, 0, nx - 1, 1, 0);
    if (j + 1 < ny) field_differ(to, row, row + nx, 0, nx, 0, 1);
    if (m + 2 < tile.slabs) field_differ(to, row, row + 2 * plane, 0, nx, 0, 2);
    if (m + 1 < tile.slabs) {
        for (int32_t up = 0; up < 2; up++) { // the rows j-1 and j above, or j and j+1
            int32_t other = j + up + s - 1;
            if (other < 0 || other >= ny) continue;
            const uint8_t *above = row + plane + (int64_t)(other - j) * nx;
            field_differ(to, row, above, 1 - s, nx, s - 1, 3 + 2 * up);
            field_differ(to, row, above, 0, nx - s, s, 4 + 2 * up);
        }
    }
    for (int32_t i = 0; i < nx; i++) owners += to[i] != 0;
    return owners;
}

#endif
