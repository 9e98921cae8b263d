#include "stages.h"

/* does a stage for rows first to last-1; reports what the stage does */
int lat_rows(const lat *l, const octahedra *o, int stage, i64 first, i64 last);

/* does a stage for rows of cubes of a level */
int lat_cube_rows(const lat *l, int stage, i32 level, i64 first, i64 last);

/* replaces counts by where each begins, and returns the total */
u64 lat_scan_rows(u32 *count, i64 rows, u64 first);
u64 lat_scan_rows64(u64 *count, i64 rows, u64 first);

/* measures tetrahedra first to last-1 */
void lat_measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out);
