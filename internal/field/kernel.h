// What Go calls: see kernel.c.
#ifndef FIELD_KERNEL_H
#define FIELD_KERNEL_H

#include "caps.h"
#include "near.h"
#include "points.h"

// field_place sees vertices in lattice units from the origin.
void field_place(const double *vertices, int64_t count, const double *origin, double step, double *placed);

// field_slabs_of says which slabs, from the first on, each triangle touches, thickened below and above: two numbers each, the last less than the
// first where it touches none.
void field_slabs_of(const double *placed, const int32_t *triangles, int64_t count, double below, double above, int32_t slabs, int32_t first_slab, int32_t *range);

// field_scan_tile computes the winding numbers of a closed chain, and where they are positive. list holds the triangles
// that may lie in the tile.
void field_scan_tile(const double *placed, const int32_t *triangles, const int32_t *weight, const int32_t *list, int64_t count, field_tile tile,
                     int32_t *winding, uint8_t *inside);

// field_cut_edges marks the edges of the tile's nodes whose ends differ, and counts the nodes that own one. inside begins at
// the tile and reaches two slabs beyond.
int64_t field_cut_edges(const uint8_t *inside, field_tile tile, uint8_t *cut);

// field_owners numbers the nodes that own a cut edge, and empties their edges.
int64_t field_owners(const uint8_t *cut, int64_t nodes, int32_t first_node, int32_t first_slot, int32_t *node, int32_t *slot, float *share, int32_t *triangle);

// field_cut_tile finds the cuts. Triangles from solid on are caps, and cut nothing.
void field_cut_tile(const double *placed, const int32_t *triangles, const int32_t *list, int64_t count, int32_t solid, field_tile tile, const int32_t *slot,
                    const uint8_t *cut, float *share, int32_t *triangle);

// field_distance_tile computes signed distances up to band, in lattice units; what it writes is in model units.
void field_distance_tile(const double *placed, const int32_t *triangles, const int32_t *list, int64_t count, int32_t solid, float band, double step,
                         field_tile tile, const uint8_t *inside, float *squares, float *distance);

// field_caps_tile takes the caps' own winding numbers off those of the closed chain, where that can change a side; everywhere
// where all is given.
void field_caps_tile(const field_crowd *crowd, const double *origin, double step, field_tile tile, const int32_t *winding, uint8_t *inside, float *all);

// The questions of points.h and winding.h for many points. field_ask_points asks so many of them together, at most
// FIELD_GROUP: those that stand side by side should lie near each other then. Only what is asked alone does not depend on
// the other points.
void field_count_points(const field_tree *tree, const double *points, int64_t count, int32_t *winding);
void field_ask_points(const field_crowd *crowd, const double *points, int64_t count, int32_t together, float *sum);
void field_nearest_points(const field_tree *tree, const double *points, int64_t count, double within, double *nearest, double *distance, int32_t *triangle);
void field_cross_segments(const field_tree *tree, const double *from, const double *to, int64_t count, double *share, int32_t *triangle);

// field_cells_of finds the cell of each of some points, numbered from the first of the grid.
void field_cells_of(const double *points, int64_t count, const field_grid *grid, int32_t *cell);

// field_layers_of says which layers of a grid each triangle reaches: the first, and one behind the last. It returns how many rows of cells
// all of them look at.
int64_t field_layers_of(const double *vertices, const int32_t *triangles, int64_t count, double reach, const field_grid *grid, int32_t *layers);

// field_near_points lowers the squares of the distances of the points of some layers of a grid: of those within reach of a triangle they
// are exact afterwards.
void field_near_points(const double *vertices, const int32_t *triangles, int64_t count, const int32_t *layers, double reach, const field_grid *grid,
                       const field_points *points);

#endif
