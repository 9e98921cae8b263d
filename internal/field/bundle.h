// What is far from a bundle of 2 x 2 x 2 blocks is asked for once: at a few points, between which its winding number is interpolated. What is
// near is left to the blocks.
#ifndef FIELD_BUNDLE_H
#define FIELD_BUNDLE_H

#include "winding.h"

#define FIELD_BLOCK 4 // nodes a side, and slabs
#define FIELD_BUNDLE (2 * FIELD_BLOCK)
#define FIELD_ALONG 4 // points along each axis: FIELD_GROUP in all
// FIELD_SMOOTH is how many radii a node of the tree is away from the middle of a bundle, if its winding number is smooth enough there. The radius is
// that of the points, 0.924 of the bundle's own: nodes at its corners lie 8 % beyond the points, and values are extrapolated to them. At 1.8 the
// error of a surface that is torn apart is three times as large.
#define FIELD_SMOOTH 2.4
// FIELD_ROOTS is from how many nodes left to the blocks on all others are left to them, too.
#define FIELD_ROOTS 224

typedef struct {
    field_group group;                       // the points, with their radius, and what is far at each
    int32_t roots[FIELD_ROOTS + FIELD_DEEP]; // of the parts of the tree that are near
    int32_t count;
} field_bundle;

// field_support returns where between -1 and 1 the points of a bundle are along an axis: the zeros of a Chebyshev polynomial.
FIELD_FN double field_support(int32_t k) {
    double x = (k == 0 || k == 3) ? 0.92387953251128674 : 0.38268343236508977;
    return k < 2 ? -x : x;
}

// field_weights says how much the value at each of them counts for one at x.
FIELD_FN void field_weights(double x, float *weight) {
    for (int32_t k = 0; k < FIELD_ALONG; k++) {
        double w = 1.0;
        for (int32_t n = 0; n < FIELD_ALONG; n++)
            if (n != k) w *= (x - field_support(n)) / (field_support(k) - field_support(n));
        weight[k] = (float)w;
    }
}

// field_bundle_winding asks for what is far from a bundle.
FIELD_FN void field_bundle_winding(const field_crowd *crowd, const double *origin, double step, int32_t ui, int32_t uj, int32_t um, field_bundle *bundle) {
    double points[3 * FIELD_GROUP];
    double wide = 0.5 * (FIELD_BUNDLE - 0.5), high = 0.25 * (FIELD_BUNDLE - 1);
    for (int32_t n = 0; n < FIELD_GROUP; n++) {
        points[3 * n] = origin[0] + step * (FIELD_BUNDLE * ui + wide + wide * field_support(n % 4));
        points[3 * n + 1] = origin[1] + step * (FIELD_BUNDLE * uj + wide + wide * field_support(n / 4 % 4));
        points[3 * n + 2] = origin[2] + step * (0.5 * FIELD_BUNDLE * um + high + high * field_support(n / 16));
    }
    field_gather(&bundle->group, points, FIELD_GROUP, crowd->scale);
    int32_t stack[FIELD_DEEP], depth = 0;
    stack[depth++] = 0;
    bundle->count = 0;
    double radius = bundle->group.radius, smooth = FIELD_SMOOTH * radius;
    while (depth > 0 && bundle->count < FIELD_ROOTS) {
        int32_t node = stack[--depth];
        const field_far *f = &crowd->nodes[node];
        double away[3];
        double gap = field_gap(f, bundle->group.centre, away);
        int32_t closed = gap - radius > crowd->opening * (double)f->radius;
        if (closed && gap > smooth) {
            field_add_far(&bundle->group, crowd, f, away);
        } else if (closed || f->left == 0 || gap + (double)f->radius < smooth) {
            bundle->roots[bundle->count++] = node;
        } else {
            stack[depth++] = f->left + 1;
            stack[depth++] = f->left;
        }
    }
    while (depth > 0) bundle->roots[bundle->count++] = stack[--depth];
}

// field_block_between adds what the bundle of a block holds, interpolated along one axis after the other.
FIELD_FN void field_block_between(const field_bundle *bundle, int32_t bi, int32_t bj, int32_t bm, float *sum) {
    const int32_t all = FIELD_BLOCK;
    int32_t i0 = FIELD_BLOCK * (bi & 1), j0 = FIELD_BLOCK * (bj & 1), m0 = FIELD_BLOCK * (bm & 1);
    double wide = 2.0 / (FIELD_BUNDLE - 0.5), high = 2.0 / (FIELD_BUNDLE - 1);
    for (int32_t half = 0; half < 2; half++) { // slabs of the one kind, then of the other
        float x[FIELD_ALONG * FIELD_BLOCK], y[FIELD_ALONG * FIELD_BLOCK];
        for (int32_t n = 0; n < all; n++) {
            field_weights((i0 + n + 0.5 * half) * wide - 1.0, x + FIELD_ALONG * n);
            field_weights((j0 + n + 0.5 * half) * wide - 1.0, y + FIELD_ALONG * n);
        }
        for (int32_t m = half; m < all; m += 2) {
            float z[FIELD_ALONG], plane[FIELD_ALONG * FIELD_ALONG], rows[FIELD_ALONG * FIELD_BLOCK];
            const float *from = bundle->group.sum;
            field_weights((m0 + m) * high - 1.0, z);
            for (int32_t n = 0; n < 16; n++) plane[n] = z[0] * from[n] + z[1] * from[16 + n] + z[2] * from[32 + n] + z[3] * from[48 + n];
            for (int32_t j = 0; j < all; j++)
                for (int32_t n = 0; n < 4; n++) rows[4 * j + n] = y[4 * j] * plane[n] + y[4 * j + 1] * plane[4 + n] + y[4 * j + 2] * plane[8 + n] + y[4 * j + 3] * plane[12 + n];
            for (int32_t n = 0; n < 16; n++) {
                const float *r = rows + n / 4 * 4, *w = x + n % 4 * 4;
                sum[16 * m + n] += w[0] * r[0] + w[1] * r[1] + w[2] * r[2] + w[3] * r[3];
            }
        }
    }
}

#endif
