#include "mesh.h"
#include "warp.h"
#include "quality.h"

/* What is done to every row, one stage after the other; within a stage in any order. */
enum lat_stage { LAT_PACK, LAT_FIND, LAT_RANK, LAT_WARP, LAT_PART, LAT_COUNT, LAT_NUMBER, LAT_WRITE };

/* does a stage for rows first to last-1; reports whether LAT_PACK found nodes inside within the margin */
int lat_rows(const lat *l, const octahedra *o, int stage, i64 first, i64 last);

/* replaces counts by where each begins, and returns the total */
u64 lat_scan_rows(u32 *count, i64 rows, u64 first);
u64 lat_scan_rows64(u64 *count, i64 rows);

/* measures tetrahedra first to last-1 */
void lat_measure(const double *xyz, const i32 *tets, i64 first, i64 last, lat_quality *out);
