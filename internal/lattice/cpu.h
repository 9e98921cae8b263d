#include "mesh.h"
#include "warp.h"
#include "quality.h"

/* What is done to every row, one stage after the other; within a stage in any order. */
enum lat_stage { LAT_PACK, LAT_FIND, LAT_RANK, LAT_WARP, LAT_PART, LAT_KEEP, LAT_COUNT, LAT_NUMBER, LAT_WRITE };

/* does a stage for rows first to last-1; reports whether LAT_PACK found nodes inside within the margin */
int lat_rows(const lat *l, const octahedra *o, int stage, i64 first, i64 last);

/* what is done to every row of cubes of a level, for the graded inside */
enum lat_cube_stage { LAT_WHOLE, LAT_JOIN, LAT_INNER, LAT_LEAVES, LAT_KEEP_LEAVES, LAT_COUNT_LEAVES, LAT_WRITE_LEAVES };

/* does a stage for rows of cubes; reports whether LAT_INNER left any */
int lat_cube_rows(const lat *l, int stage, i32 level, i64 first, i64 last);

/* replaces counts by where each begins, and returns the total */
u64 lat_scan_rows(u32 *count, i64 rows, u64 first);
u64 lat_scan_rows64(u64 *count, i64 rows, u64 first);

/* measures tetrahedra first to last-1 */
void lat_measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out);
