// The generalised winding number of triangles, from their solid angles where they are near and from moments of whole groups
// where they are far: G. Barill, N. G. Dickson, R. Schmidt, D. I. W. Levin, A. Jacobson, "Fast winding numbers for soups and
// clouds" (2018). A group of points is asked together, so that the tree is walked once for all of them.
#ifndef FIELD_WINDING_H
#define FIELD_WINDING_H

#include "shared.h"

// FIELD_GROUP points are asked together.
#define FIELD_GROUP 64

// FIELD_DEEP is more than the depth of any tree.
#define FIELD_DEEP 160

// What a group of triangles looks like from afar: the first three moments of their normals about a centre, in units of the
// radius around the centre that holds them all. Those of the unit direction n to the centre, s being radius over distance:
//
//	s² (one·n + s (n·two·n + s three(n, n, n)))
//
// is their winding number. The moments' traces, the factors of symmetric entries and 1/4π are in the numbers.
typedef struct {
    double centre[3];
    float radius;
    float area; // of the triangles together, over 4π
    float one[3];
    float two[6];    // xx yy zz xy yz zx
    float three[10]; // xxx yyy zzz xxy xxz yyx yyz zzx zzy xyz
    int32_t left;    // the children are left and left+1; 0 for a leaf
    int32_t first, count;
} field_far;

// Of triangles, in the order of the leaves: three corners each, and how often it counts.
typedef struct {
    const field_far *nodes;
    const double *corners;
    const float *weight;
    double scale; // a length that makes the model about 1 in size
    float opening; // nodes nearer than this many radii are opened
} field_crowd;

// field_angle returns the angle of a point seen from the origin against x, for y >= 0. The polynomial is within 1e-7.
FIELD_FN float field_angle(float y, float x) {
    float ax = x < 0.0f ? -x : x;
    float least = field_minf(ax, y), most = field_maxf(ax, y);
    float a = least / (most > 0.0f ? most : 1.0f);
    float s = a * a;
    float r = 0.0028662257f;
    r = r * s - 0.0161657367f;
    r = r * s + 0.0429096138f;
    r = r * s - 0.0752896400f;
    r = r * s + 0.1065626393f;
    r = r * s - 0.1420889944f;
    r = r * s + 0.1999355085f;
    r = r * s - 0.3333314528f;
    r = r * s * a + a;
    r = y > ax ? 1.57079632679f - r : r;
    return x < 0.0f ? 3.14159265359f - r : r;
}

// field_solid returns the winding number of one triangle, after A. van Oosterom and J. Strackee (1983): positive from
// behind it. Corners are seen from the point.
FIELD_FN float field_solid(float ax, float ay, float az, float bx, float by, float bz, float cx, float cy, float cz) {
    float a = FIELD_SQRTF(ax * ax + ay * ay + az * az);
    float b = FIELD_SQRTF(bx * bx + by * by + bz * bz);
    float c = FIELD_SQRTF(cx * cx + cy * cy + cz * cz);
    float volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    float base = a * b * c + (ax * bx + ay * by + az * bz) * c + (bx * cx + by * cy + bz * cz) * a + (cx * ax + cy * ay + cz * az) * b;
    float angle = field_angle(volume < 0.0f ? -volume : volume, base) * 0.15915494309f; // twice the angle over 4π
    return volume < 0.0f ? -angle : angle;
}

// field_from_far returns the winding number of a node at a point; x, y, z lead from the point to the node's centre, radius
// is in the same units.
FIELD_FN float field_from_far(const field_far *f, float radius, float x, float y, float z) {
    float inverse = 1.0f / FIELD_SQRTF(x * x + y * y + z * z);
    float s = radius * inverse;
    x *= inverse;
    y *= inverse;
    z *= inverse;
    float one = f->one[0] * x + f->one[1] * y + f->one[2] * z;
    float two = x * (f->two[0] * x + f->two[3] * y) + y * (f->two[1] * y + f->two[4] * z) + z * (f->two[2] * z + f->two[5] * x);
    float three = x * x * (f->three[0] * x + f->three[3] * y + f->three[4] * z) + y * y * (f->three[1] * y + f->three[5] * x + f->three[6] * z) +
                  z * z * (f->three[2] * z + f->three[7] * x + f->three[8] * y) + f->three[9] * x * y * z;
    return s * s * (one + s * (two + s * three));
}

// A group of points, seen from the middle of their box and in units of the crowd's scale.
typedef struct {
    double centre[3];
    double radius; // in model units
    float x[FIELD_GROUP], y[FIELD_GROUP], z[FIELD_GROUP];
    float sum[FIELD_GROUP];
    int32_t count; // a multiple of FIELD_LANES
} field_group;

// field_gather makes a group of up to FIELD_GROUP points.
FIELD_FN void field_gather(field_group *g, const double *points, int32_t count, double scale) {
    double least[3], most[3], square = 0.0;
    for (int k = 0; k < 3; k++) least[k] = most[k] = points[k];
    for (int32_t n = 1; n < count; n++)
        for (int k = 0; k < 3; k++) {
            least[k] = field_min(least[k], points[3 * n + k]);
            most[k] = field_max(most[k], points[3 * n + k]);
        }
    for (int k = 0; k < 3; k++) {
        g->centre[k] = 0.5 * (least[k] + most[k]);
        square += (most[k] - least[k]) * (most[k] - least[k]);
    }
    g->radius = 0.5 * FIELD_SQRT(square);
    g->count = (count + FIELD_LANES - 1) / FIELD_LANES * FIELD_LANES;
    for (int32_t n = 0; n < g->count; n++) {
        const double *p = points + 3 * field_mini(n, count - 1); // the last one again, where lanes are left
        g->x[n] = (float)((p[0] - g->centre[0]) / scale);
        g->y[n] = (float)((p[1] - g->centre[1]) / scale);
        g->z[n] = (float)((p[2] - g->centre[2]) / scale);
        g->sum[n] = 0.0f;
    }
}

FIELD_FN double field_gap(const field_far *f, const double *centre, double *away) {
    for (int k = 0; k < 3; k++) away[k] = f->centre[k] - centre[k];
    return FIELD_SQRT(away[0] * away[0] + away[1] * away[1] + away[2] * away[2]);
}

FIELD_FN void field_add_far(field_group *g, const field_crowd *crowd, const field_far *f, const double *away) {
    float x = (float)(away[0] / crowd->scale), y = (float)(away[1] / crowd->scale), z = (float)(away[2] / crowd->scale);
    float radius = (float)(f->radius / crowd->scale);
    for (int32_t n = 0; n < g->count; n += FIELD_LANES)
        for (int32_t l = n; l < n + FIELD_LANES; l++) g->sum[l] += field_from_far(f, radius, x - g->x[l], y - g->y[l], z - g->z[l]);
}

FIELD_FN void field_add_triangle(field_group *g, const field_crowd *crowd, int32_t triangle) {
    float c[9];
    for (int k = 0; k < 9; k++) c[k] = (float)((crowd->corners[9 * (int64_t)triangle + k] - g->centre[k % 3]) / crowd->scale);
    float weight = crowd->weight[triangle];
    for (int32_t n = 0; n < g->count; n += FIELD_LANES)
        for (int32_t l = n; l < n + FIELD_LANES; l++)
            g->sum[l] += weight * field_solid(c[0] - g->x[l], c[1] - g->y[l], c[2] - g->z[l], c[3] - g->x[l], c[4] - g->y[l], c[5] - g->z[l],
                                              c[6] - g->x[l], c[7] - g->y[l], c[8] - g->z[l]);
}

// field_ask_below adds the winding numbers of the triangles of a node at the points of a group.
FIELD_FN void field_ask_below(field_group *g, const field_crowd *crowd, int32_t node) {
    int32_t stack[FIELD_DEEP], depth = 0;
    stack[depth++] = node;
    while (depth > 0) {
        const field_far *f = &crowd->nodes[stack[--depth]];
        double away[3];
        double gap = field_gap(f, g->centre, away);
        if (gap - g->radius > crowd->opening * (double)f->radius) {
            field_add_far(g, crowd, f, away);
        } else if (f->left == 0) {
            for (int32_t n = f->first; n < f->first + f->count; n++) field_add_triangle(g, crowd, n);
        } else {
            stack[depth++] = f->left + 1;
            stack[depth++] = f->left;
        }
    }
}

// field_ask sums the winding numbers of all triangles at the points of a group.
FIELD_FN void field_ask(field_group *g, const field_crowd *crowd) { field_ask_below(g, crowd, 0); }

// field_matters reports whether the winding number of all triangles may reach one half, either way, within a ball.
FIELD_FN int32_t field_matters(const field_crowd *crowd, const double *centre, double radius) {
    int32_t stack[FIELD_DEEP], depth = 0;
    double most = 0.0;
    stack[depth++] = 0;
    while (depth > 0) {
        const field_far *f = &crowd->nodes[stack[--depth]];
        double away[3];
        double gap = field_gap(f, centre, away) - radius - f->radius;
        if (gap > f->radius || (f->left == 0 && gap > 0.0)) {
            most += f->area / (gap * gap);
        } else if (f->left == 0) {
            return 1;
        } else {
            stack[depth++] = f->left + 1;
            stack[depth++] = f->left;
        }
        if (most >= 0.4999) return 1;
    }
    return 0;
}

#endif
