/* How bad tetrahedra are, many at a time: see shape.go. */

#ifndef LATTICE_SHAPE_H
#define LATTICE_SHAPE_H

#include <stdint.h>

enum { LAT_AROUND = 256, LAT_PLACES = 21 };

/* some tetrahedra, and one node of all of them that may be elsewhere; rows are read some lanes beyond the last that is used */
typedef struct {
	double at[4][3][LAT_AROUND];     /* the corners, one row for each coordinate of each */
	int64_t moves[4][LAT_AROUND];    /* all bits set where a corner is the node */
	double shape[LAT_AROUND];
	double place[LAT_PLACES][3];     /* where the node may be */
	int32_t may[LAT_PLACES];
	int32_t count, looked;           /* tetrahedra, and how many of them were looked at */
} lat_around;

/* sets the shapes of the tetrahedra as they are */
void lat_shapes(lat_around *a);

/* finds the place, of so many, where the worst shape is least and less than best, which it lowers; -1 where there is none. The shapes of the tetrahedra as
   they are say where to look first, and are not changed. */
int32_t lat_best_place(lat_around *a, int32_t places, double *best);

#endif
