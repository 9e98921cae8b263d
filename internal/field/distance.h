// Distances from the nodes near a triangle, in single precision, seen from a node beside the triangle: what is lost is a
// few units in the last place of the triangle's own size, wherever it lies.
#ifndef FIELD_DISTANCE_H
#define FIELD_DISTANCE_H

#include "vectors.h"

typedef struct {
    float x, y, z;
} field_vector;

// One side of a triangle: from a corner along the side; inward is a normal in the plane, to the inside.
typedef struct {
    field_vector from, along, inward;
    float share; // 1 over the square of its length; 0 where it has none
    float depth; // of the origin, by inward
} field_side;

typedef struct {
    field_side side[3];
    field_vector normal;
    float height; // of the plane, by normal
} field_plate;

FIELD_FN field_vector field_single(const double *p) {
    field_vector v;
    v.x = (float)p[0], v.y = (float)p[1], v.z = (float)p[2];
    return v;
}

FIELD_FN void field_shorten(double *v, double length) {
    for (int k = 0; k < 3; k++) v[k] /= length;
}

// field_plate_of prepares a triangle. Corners are seen from a point nearby.
FIELD_FN field_plate field_plate_of(const double corner[3][3]) {
    field_plate p;
    double ab[3], ac[3], normal[3], squares = 0.0;
    field_less(corner[1], corner[0], ab);
    field_less(corner[2], corner[0], ac);
    field_cross3(ab, ac, normal);
    double length = FIELD_SQRT(field_dot3(normal, normal));
    for (int k = 0; k < 3; k++) {
        double along[3];
        field_less(corner[(k + 1) % 3], corner[k], along);
        squares = field_max(squares, field_dot3(along, along));
    }
    int32_t flat = !(length > 1e-12 * squares); // then its sides say it all
    if (!flat) field_shorten(normal, length);
    for (int k = 0; k < 3; k++) {
        double along[3], inward[3];
        field_less(corner[(k + 1) % 3], corner[k], along);
        double square = field_dot3(along, along);
        field_cross3(normal, along, inward);
        if (!flat) field_shorten(inward, FIELD_SQRT(square));
        p.side[k].from = field_single(corner[k]);
        p.side[k].along = field_single(along);
        p.side[k].inward = field_single(inward);
        p.side[k].share = square > 0.0 ? (float)(1.0 / square) : 0.0f;
        p.side[k].depth = flat ? 3e38f : (float)field_dot3(inward, corner[k]);
    }
    p.normal = field_single(normal);
    p.height = flat ? 0.0f : (float)field_dot3(normal, corner[0]);
    if (flat) p.normal.x = p.normal.y = p.normal.z = 0.0f;
    return p;
}

FIELD_FN float field_to_side(const field_side *s, float x, float y, float z) {
    float px = x - s->from.x, py = y - s->from.y, pz = z - s->from.z;
    float t = (px * s->along.x + py * s->along.y + pz * s->along.z) * s->share;
    t = field_minf(field_maxf(t, 0.0f), 1.0f);
    px -= t * s->along.x;
    py -= t * s->along.y;
    pz -= t * s->along.z;
    return px * px + py * py + pz * pz;
}

FIELD_FN float field_inward(const field_side *s, float x, float y, float z) {
    return x * s->inward.x + y * s->inward.y + z * s->inward.z - s->depth;
}

// field_to_plate returns the square of the distance from a point to a triangle.
FIELD_FN float field_to_plate(const field_plate *p, float x, float y, float z) {
    float least = field_minf(field_inward(&p->side[0], x, y, z), field_minf(field_inward(&p->side[1], x, y, z), field_inward(&p->side[2], x, y, z)));
    float above = x * p->normal.x + y * p->normal.y + z * p->normal.z - p->height;
    float around = field_minf(field_to_side(&p->side[0], x, y, z), field_minf(field_to_side(&p->side[1], x, y, z), field_to_side(&p->side[2], x, y, z)));
    return least >= 0.0f ? above * above : around;
}

// field_reach lowers the squares of the distances of the nodes that lie within the band of a triangle. Rows of squares are
// nx + FIELD_LANES long, since that many are computed at once; what nodes beyond the band get is a distance, too.
FIELD_FN void field_reach(const double *a, const double *b, const double *c, float band, field_tile tile, float *squares) {
    const double *corner[3] = {a, b, c};
    double least[3], most[3], near[3][3];
    int32_t base[3];
    for (int k = 0; k < 3; k++) {
        least[k] = field_min(a[k], field_min(b[k], c[k]));
        most[k] = field_max(a[k], field_max(b[k], c[k]));
        base[k] = field_floor(least[k]);
    }
    int32_t first = field_maxi(field_ceil(2.0 * (least[2] - band)), tile.m0);
    int32_t last = field_mini(field_floor(2.0 * (most[2] + band)) + 1, tile.m1);
    if (first >= last || most[1] + band < 0.0 || least[1] - band > tile.ny || most[0] + band < 0.0 || least[0] - band > tile.nx) return;
    for (int n = 0; n < 3; n++)
        for (int k = 0; k < 3; k++) near[n][k] = corner[n][k] - base[k];
    field_plate p = field_plate_of(near);
    float steep = p.normal.x < 0.0f ? -p.normal.x : p.normal.x;
    float rim = band * 1.0001f + 1e-4f; // what rows are left out by: never a node within the band
    for (int32_t m = first; m < last; m++) {
        double offset = (m & 1) ? 0.5 : 0.0;
        int32_t j0 = field_maxi(field_ceil(least[1] - band - offset), 0);
        int32_t j1 = field_mini(field_floor(most[1] + band - offset), tile.ny - 1);
        int32_t i0 = field_maxi(field_ceil(least[0] - band - offset), 0);
        int32_t i1 = field_mini(field_floor(most[0] + band - offset), tile.nx - 1);
        float z = (float)(0.5 * m - base[2]);
        for (int32_t j = j0; j <= j1; j++) {
            float y = (float)(j - base[1] + offset);
            float left = y * p.normal.y + z * p.normal.z - p.height; // the plane's height, but for the part of x
            int32_t from = i0, to = i1;
            if (steep > 0.01f) {
                float middle = -left / p.normal.x, wide = rim / steep;
                from = field_maxi(from, field_ceil((double)(middle - wide) - offset) + base[0]);
                to = field_mini(to, field_floor((double)(middle + wide) - offset) + base[0]);
            }
            float *row = squares + ((int64_t)(m - tile.m0) * tile.ny + j) * (tile.nx + FIELD_LANES);
            for (int32_t i = from; i <= to; i += FIELD_LANES) {
                float start = (float)(i - base[0] + offset);
                for (int32_t n = 0; n < FIELD_LANES; n++) FIELD_LEAST(&row[i + n], field_to_plate(&p, start + (float)n, y, z));
            }
        }
    }
}

#endif
