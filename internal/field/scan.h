// Winding numbers of a closed chain at the nodes of a lattice, by lines along x: wherever a line passes a triangle, the
// number changes by the triangle's weight.
#ifndef FIELD_SCAN_H
#define FIELD_SCAN_H

#include "section.h"

FIELD_FN field_corner field_corner_xyz(const double *p) {
    field_corner c;
    c.u = p[0];
    c.v = p[1];
    c.w = p[2];
    return c;
}

// field_scan notes where the lattice's lines along x pass a triangle. change holds a number for each node of the tile: what
// the winding number changes by from the node before.
FIELD_FN void field_scan(const double *a, const double *b, const double *c, int32_t weight, field_tile tile, int32_t *change) {
    int32_t first = field_maxi(field_ceil(2.0 * field_min(a[2], field_min(b[2], c[2]))), tile.m0);
    int32_t last = field_mini(field_ceil(2.0 * field_max(a[2], field_max(b[2], c[2]))), tile.m1);
    if (first >= last) return;
    // most small triangles lie between the lines of a slab
    double least = field_min(a[1], field_min(b[1], c[1])), most = field_max(a[1], field_max(b[1], c[1]));
    int32_t even = field_ceil(least) < field_ceil(most), odd = field_ceil(least - 0.5) < field_ceil(most - 0.5);
    if (last - first == 1 ? !((first & 1) ? odd : even) : !(even | odd)) return;
    field_sliced s;
    field_sort(&s, field_corner_xyz(a), field_corner_xyz(b), field_corner_xyz(c));
    field_slice(&s);
    for (int32_t m = first; m < last; m++) {
        if (!((m & 1) ? odd : even)) continue;
        double offset = (m & 1) ? 0.5 : 0.0;
        field_section x = field_section_at(&s, 0.5 * m);
        int32_t j0 = field_maxi(field_ceil(x.from.v - offset), 0);
        int32_t j1 = field_mini(field_ceil(x.to.v - offset), tile.ny);
        int32_t by = x.forward ? -weight : weight;
        for (int32_t j = j0; j < j1; j++) {
            int32_t i = field_maxi(field_ceil(field_along(&x, j + offset) - offset), 0);
            if (i < tile.nx) FIELD_ADD(&change[((int64_t)(m - tile.m0) * tile.ny + j) * tile.nx + i], by);
        }
    }
}

#endif
