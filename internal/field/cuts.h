// Where the edges of a body-centred cubic lattice pass through triangles. The edges lie on lines of seven directions: the
// three axes and the four diagonals. In coordinates whose u runs along a direction (sheared for the diagonals) the lines
// stand at whole or half places of v and w, and a triangle's sections (section.h) say which it meets and where.
#ifndef FIELD_CUTS_H
#define FIELD_CUTS_H

#include "section.h"

// FIELD_EDGES is how many edges a node owns: see Cuts in lattice.go.
#define FIELD_EDGES 7

// FIELD_ENDS is how near to a node, in edges, a cut counts for the edge beyond, too: that edge may be the one that the
// node's side, found along x, calls cut.
#define FIELD_ENDS 1e-9

// What is to be found in a tile.
typedef struct {
    const int32_t *slot; // of each node; -1 where it owns no edge that is cut
    const uint8_t *cut;  // of each node, the edges that are, as bits
#ifdef FIELD_PACKED
    unsigned long long *words; // of each edge of a slot: the share's bits and the triangle, so that both are replaced at once
#else
    float *share; // of each edge of a slot; 2 where nothing is found yet
    int32_t *triangle;
#endif
} field_cuts;

#ifdef FIELD_PACKED
#define FIELD_NO_CUT 0x400000007fffffffull // a share of 2

FIELD_FN float field_share_of(unsigned long long word) {
    return FIELD_FLOAT((uint32_t)(word >> 32));
}
#endif

// field_put notes a cut, if its edge is one whose ends differ. The first on the edge stays, of equals that of the
// triangle with the least number.
FIELD_FN void field_put(field_tile tile, field_cuts cuts, int32_t i, int32_t j, int32_t m, int32_t edge, double share, int32_t triangle) {
    if (i < 0 || i >= tile.nx || j < 0 || j >= tile.ny || m < tile.m0 || m >= tile.m1) return;
    int64_t node = ((int64_t)(m - tile.m0) * tile.ny + j) * tile.nx + i;
    if (!(cuts.cut[node] >> edge & 1)) return;
    int64_t at = (int64_t)cuts.slot[node] * FIELD_EDGES + edge;
    float t = (float)share;
#ifdef FIELD_PACKED
    // shares are not negative, so that their bits are ordered like themselves
    FIELD_LEAST_WORD(&cuts.words[at], (unsigned long long)FIELD_BITS(t) << 32 | (uint32_t)triangle);
#else
    if (t < cuts.share[at] || (t == cuts.share[at] && triangle < cuts.triangle[at])) {
        cuts.share[at] = t;
        cuts.triangle[at] = triangle;
    }
#endif
}

// field_line says which node a place on a line of a direction belongs to.
//
//   0, 1, 2: the axes. v and w count i, j or m/2 of the other two; place counts steps along the line.
//   3 to 6: the diagonals to (-,-), (+,-), (-,+), (+,+). v = x ∓ z and w = y ∓ z are whole; place counts half steps of z.
FIELD_FN void field_line(field_tile tile, field_cuts cuts, int32_t direction, int32_t v, int32_t w, int32_t place, double share, int32_t triangle) {
    int32_t i, j, m;
    if (direction == 0) {
        i = place, j = v, m = w;
    } else if (direction == 1) {
        i = v, j = place, m = w;
    } else if (direction == 2) {
        i = v, j = w >> 1, m = 2 * place + (w & 1);
    } else {
        int32_t k = place >> 1, s = place & 1;
        i = (direction - 3) & 1 ? v + k : v - k - s;
        j = (direction - 3) & 2 ? w + k : w - k - s;
        m = place;
    }
    field_put(tile, cuts, i, j, m, direction, share, triangle);
}

FIELD_FN field_corner field_corner_along(const double *p, int32_t direction) {
    field_corner c;
    if (direction == 0) {
        c.u = p[0], c.v = p[1], c.w = p[2];
    } else if (direction == 1) {
        c.u = p[1], c.v = p[0], c.w = p[2];
    } else if (direction == 2) {
        c.u = p[2], c.v = p[0], c.w = p[1];
    } else {
        c.u = p[2];
        c.v = (direction - 3) & 1 ? p[0] - p[2] : p[0] + p[2];
        c.w = (direction - 3) & 2 ? p[1] - p[2] : p[1] + p[2];
    }
    return c;
}

// field_cut_lines notes where the lines of one direction pass a triangle.
FIELD_FN void field_cut_lines(const double *a, const double *b, const double *c, int32_t direction, int32_t triangle, field_tile tile, field_cuts cuts) {
    int32_t diagonal = direction > 2;
    double planes = diagonal ? 1.0 : 2.0; // a unit of w
    field_corner p = field_corner_along(a, direction), q = field_corner_along(b, direction), r = field_corner_along(c, direction);
    int32_t first = field_ceil(planes * field_min(p.w, field_min(q.w, r.w))), last = field_ceil(planes * field_max(p.w, field_max(q.w, r.w)));
    if (direction < 2) {
        first = field_maxi(first, tile.m0);
        last = field_mini(last, tile.m1);
    } else if (direction == 2) {
        first = field_maxi(first, 0);
        last = field_mini(last, 2 * tile.ny);
    } else {
        // y = w ± z lies in the lattice, and z in the tile
        first = field_maxi(first, (direction - 3) & 2 ? -tile.m1 / 2 - 2 : tile.m0 / 2 - 2);
        last = field_mini(last, (direction - 3) & 2 ? tile.ny - tile.m0 / 2 + 2 : tile.ny + tile.m1 / 2 + 2);
    }
    if (first >= last) return;
    // most small triangles lie between the lines of a plane: they are not cut
    double least = field_min(p.v, field_min(q.v, r.v)), most = field_max(p.v, field_max(q.v, r.v));
    int32_t even = field_ceil(least) < field_ceil(most), odd = diagonal ? even : field_ceil(least - 0.5) < field_ceil(most - 0.5);
    if (last - first == 1 ? !((first & 1) ? odd : even) : !(even | odd)) return;
    field_sliced s;
    field_sort(&s, p, q, r);
    field_slice(&s);
    double bottom = 0.5 * tile.m0 - 2.0, top = 0.5 * tile.m1 + 2.0; // u, where u is z
    for (int32_t w = first; w < last; w++) {
        if (!((w & 1) ? odd : even)) continue;
        double offset = !diagonal && (w & 1) ? 0.5 : 0.0;
        field_section x = field_section_at(&s, w / planes);
        double from = x.from.v, to = x.to.v;
        if (direction >= 2) {
            if ((x.from.u < bottom && x.to.u < bottom) || (x.from.u > top && x.to.u > top)) continue;
            if (to - from > 8.0 && x.du != 0.0) { // a large triangle: only what is near the tile
                double one = x.from.v + (bottom - x.from.u) / x.du, other = x.from.v + (top - x.from.u) / x.du;
                from = field_max(from, field_min(one, other) - 1.0);
                to = field_min(to, field_max(one, other) + 1.0);
            }
        }
        int32_t v0 = field_ceil(from - offset), v1 = field_ceil(to - offset);
        if (direction == 0) {
            v0 = field_maxi(v0, 0);
            v1 = field_mini(v1, tile.ny);
        } else if (!diagonal) {
            v0 = field_maxi(v0, 0);
            v1 = field_mini(v1, tile.nx);
        } else {
            v0 = field_maxi(v0, -tile.m1 / 2 - 2);
            v1 = field_mini(v1, tile.nx + tile.m1 / 2 + 2);
        }
        for (int32_t v = v0; v < v1; v++) {
            double u = field_along(&x, v + offset);
            double place = diagonal ? 2.0 * u : u - offset;
            int32_t node = field_floor(place);
            double share = place - node;
            field_line(tile, cuts, direction, v, w, node, share, triangle);
            if (share < FIELD_ENDS) field_line(tile, cuts, direction, v, w, node - 1, 1.0, triangle);
            if (share > 1.0 - FIELD_ENDS) field_line(tile, cuts, direction, v, w, node + 1, 0.0, triangle);
        }
    }
}

// What of a coordinate of a triangle says whether lines pass it: how far it reaches, and whether a whole number lies in it, or one and a half.
typedef struct {
    double least, most;
    int32_t even, odd;
} field_span;

FIELD_FN field_span field_span_of(double a, double b, double c) {
    field_span s;
    s.least = field_min(a, field_min(b, c));
    s.most = field_max(a, field_max(b, c));
    s.even = field_ceil(s.least) < field_ceil(s.most);
    s.odd = field_ceil(s.least - 0.5) < field_ceil(s.most - 0.5);
    return s;
}

// field_cut_triangle notes where the lines of all directions pass a triangle. Most that are small are not met in most directions, which is
// found for all of them at once.
FIELD_FN void field_cut_triangle(const double *a, const double *b, const double *c, int32_t triangle, field_tile tile, field_cuts cuts) {
    field_span x = field_span_of(a[0], b[0], c[0]), y = field_span_of(a[1], b[1], c[1]), z = field_span_of(a[2], b[2], c[2]);
    // planes at whole numbers have lines at whole ones, those halfway have theirs halfway
    if ((z.even & y.even) | (z.odd & y.odd)) field_cut_lines(a, b, c, 0, triangle, tile, cuts);
    if ((z.even & x.even) | (z.odd & x.odd)) field_cut_lines(a, b, c, 1, triangle, tile, cuts);
    if ((y.even & x.even) | (y.odd & x.odd)) field_cut_lines(a, b, c, 2, triangle, tile, cuts);
    int32_t v[2], w[2];
    v[0] = field_span_of(a[0] + a[2], b[0] + b[2], c[0] + c[2]).even;
    v[1] = field_span_of(a[0] - a[2], b[0] - b[2], c[0] - c[2]).even;
    w[0] = field_span_of(a[1] + a[2], b[1] + b[2], c[1] + c[2]).even;
    w[1] = field_span_of(a[1] - a[2], b[1] - b[2], c[1] - c[2]).even;
    for (int32_t d = 0; d < 4; d++)
        if (v[d & 1] & w[d >> 1]) field_cut_lines(a, b, c, 3 + d, triangle, tile, cuts);
}

#endif
