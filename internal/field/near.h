// Distances of many points from the triangles beside them, without a tree: points lie sorted by the cells of a grid, and each
// triangle looks at those of the cells that it reaches.
#ifndef FIELD_NEAR_H
#define FIELD_NEAR_H

#include "vectors.h"

// FIELD_BESIDE points are computed at once: a cell holds few.
#define FIELD_BESIDE 4

// A grid of cubes. The points of some of its layers (across z) are sorted by their cells: those of the cells of a row, along x, are
// one run.
typedef struct {
    double origin[3], cell, share; // 1 over the cell
    int32_t n[3];
    int32_t k0, k1;       // the layers
    const int32_t *begin; // of each cell from the first of layer k0 on, its first point; one more at the end
} field_grid;

// The points: see field_grid. Behind the last there is room for FIELD_BESIDE - 1 more, which mean nothing.
typedef struct {
    const double *x, *y, *z;
    double *squares; // of the distances
} field_points;

// One side of a triangle: from a corner along the side; inward is a normal of it in the plane, to the inside.
typedef struct {
    double from[3], along[3], inward[3];
    double share; // 1 over the square of its length; 0 where it has none
} field_edge_near;

typedef struct {
    field_edge_near side[3];
    double normal[3];
    double share; // 1 over the square of its length
    double floor; // how far inwards of its sides it begins: nowhere where it is flat
} field_face_near;

// field_flat is the share of the square of its longest side that the doubled area of a triangle has at least, if its normal is to be
// known; else its sides say it all, to that share of their length.
#define FIELD_FLAT 1e-8

FIELD_FN field_face_near field_face_of(const double *const corner[3]) {
    field_face_near f;
    double longest = 0.0;
    for (int k = 0; k < 3; k++) {
        field_edge_near *s = &f.side[k];
        field_less(corner[(k + 1) % 3], corner[k], s->along);
        double square = field_dot3(s->along, s->along);
        s->share = square > 0.0 ? 1.0 / square : 0.0;
        longest = field_max(longest, square);
        for (int i = 0; i < 3; i++) s->from[i] = corner[k][i];
    }
    field_cross3(f.side[0].along, f.side[1].along, f.normal);
    double square = field_dot3(f.normal, f.normal);
    int32_t flat = !(square > FIELD_FLAT * FIELD_FLAT * longest * longest);
    f.share = flat ? 0.0 : 1.0 / square;
    for (int k = 0; k < 3; k++) field_cross3(f.normal, f.side[k].along, f.side[k].inward);
    f.floor = flat ? 1e300 : 0.0;
    return f;
}

// field_beside returns the square of the distance from a side, and lowers least to how far inwards of it a point is.
FIELD_FN double field_beside(const field_edge_near *s, double x, double y, double z, double *least) {
    double px = x - s->from[0], py = y - s->from[1], pz = z - s->from[2];
    *least = field_min(*least, px * s->inward[0] + py * s->inward[1] + pz * s->inward[2]);
    double t = (px * s->along[0] + py * s->along[1] + pz * s->along[2]) * s->share;
    t = field_min(field_max(t, 0.0), 1.0);
    px -= t * s->along[0];
    py -= t * s->along[1];
    pz -= t * s->along[2];
    return px * px + py * py + pz * pz;
}

// field_off_face returns the square of the distance from a triangle.
FIELD_FN double field_off_face(const field_face_near *f, double x, double y, double z) {
    double least = 1e300;
    double around = field_beside(&f->side[0], x, y, z, &least);
    around = field_min(around, field_beside(&f->side[1], x, y, z, &least));
    around = field_min(around, field_beside(&f->side[2], x, y, z, &least));
    const double *a = f->side[0].from;
    double above = (x - a[0]) * f->normal[0] + (y - a[1]) * f->normal[1] + (z - a[2]) * f->normal[2];
    return least >= f->floor ? above * above * f->share : around;
}

// field_cell returns where a place is along one axis, in cells.
FIELD_FN int32_t field_cell(const field_grid *g, double x, int axis) { return field_floor((x - g->origin[axis]) * g->share); }

// field_cells returns the cells, along one axis, that a triangle reaches, as the first and one behind the last.
FIELD_FN void field_cells(const field_grid *g, const double *const corner[3], double reach, int axis, int32_t *from, int32_t *to) {
    double least = field_min(corner[0][axis], field_min(corner[1][axis], corner[2][axis]));
    double most = field_max(corner[0][axis], field_max(corner[1][axis], corner[2][axis]));
    *from = field_maxi(field_cell(g, least - reach, axis), 0);
    *to = field_mini(field_cell(g, most + reach, axis) + 1, g->n[axis]);
}

// field_reach_points lowers the squares of the distances of the points of some layers within reach of a triangle. What points beyond get is a
// distance from it, too.
FIELD_FN void field_reach_points(const double *const corner[3], double reach, int32_t k0, int32_t k1, const field_grid *g, const field_points *p) {
    int32_t from[2], to[2], known = 0;
    for (int k = 0; k < 2; k++) field_cells(g, corner, reach, k, &from[k], &to[k]);
    field_face_near f = {0};
    for (int32_t k = k0; k < k1; k++) {
        for (int32_t j = from[1]; j < to[1]; j++) {
            const int32_t *row = g->begin + ((int64_t)(k - g->k0) * g->n[1] + j) * g->n[0];
            int32_t i0 = from[0], i1 = to[0];
            if (i0 >= i1 || row[i0] == row[i1]) continue;
            if (!known) f = field_face_of(corner), known = 1;
            if (i1 - i0 > 8 && f.normal[0] * f.normal[0] * f.share > 1e-4) { // only what is near the plane
                double steep = f.normal[0] < 0.0 ? -f.normal[0] : f.normal[0], length = 1.0 / (steep * FIELD_SQRT(f.share));
                double ny = f.normal[1] / f.normal[0], nz = f.normal[2] / f.normal[0];
                double y = g->origin[1] + g->cell * (j + 0.5) - corner[0][1], z = g->origin[2] + g->cell * (k + 0.5) - corner[0][2];
                double middle = corner[0][0] - (y * ny + z * nz);
                double wide = 1.0001 * reach * length + 0.5 * g->cell * ((ny < 0.0 ? -ny : ny) + (nz < 0.0 ? -nz : nz));
                i0 = field_maxi(i0, field_cell(g, middle - wide, 0));
                i1 = field_mini(i1, field_cell(g, middle + wide, 0) + 1);
                if (i0 >= i1) continue;
            }
            for (int32_t i = row[i0]; i < row[i1]; i += FIELD_BESIDE)
                for (int32_t n = 0; n < FIELD_BESIDE; n++) FIELD_LEAST(&p->squares[i + n], field_off_face(&f, p->x[i + n], p->y[i + n], p->z[i + n]));
        }
    }
}

#endif
