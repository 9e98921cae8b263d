// Vectors of three doubles.
#ifndef FIELD_VECTORS_H
#define FIELD_VECTORS_H

#include "shared.h"

FIELD_FN void field_less(const double *a, const double *b, double *out) {
    for (int k = 0; k < 3; k++) out[k] = a[k] - b[k];
}

FIELD_FN double field_dot3(const double *a, const double *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

FIELD_FN void field_cross3(const double *a, const double *b, double *out) {
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

#endif
