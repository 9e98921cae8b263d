/* What the host asks for, one stage after the other: each is done to every row of nodes, or of cubes of a level, in any order
   and side by side, or to some rows and then to others. cpu.c and gpu.cu make functions and kernels of the tables. */

#ifndef LATTICE_STAGES_H
#define LATTICE_STAGES_H

#include "mesh.h"
#include "quality.h"
#include "warp.h"

/* name, and what is done to row r */
#define LAT_ROW_STAGES(STAGE) \
	STAGE(pack, found |= lat_pack(l, r)) /* reports whether nodes within the margin are inside */ \
	STAGE(unpack, lat_unpack(l, r)) \
	STAGE(find, lat_find(l, r)) \
	STAGE(rank, lat_begin_row(l, r, l->owner_rank, l->row_owner); lat_begin_row(l, r, l->touched_rank, l->row_touched)) \
	STAGE(warp, lat_warp(l, r)) \
	STAGE(part, lat_part(l, r)) \
	STAGE(keep, lat_keep_nodes(l, r)) \
	STAGE(count, lat_count_nodes(l, r); lat_count_elements(l, o, r)) \
	STAGE(begin, lat_begin_surface(l, r)) \
	STAGE(number, lat_begin_nodes(l, r)) \
	STAGE(write, lat_write(l, o, r))

/* name, and what is done to row r of the cubes of a level, for the graded inside */
#define LAT_CUBE_STAGES(STAGE) \
	STAGE(whole, lat_whole_cubes(l, r)) \
	STAGE(join, lat_join(l, level, r)) \
	STAGE(inner, found |= lat_keep_inner(l, l->joined, l->whole[level], level, r) != 0) /* reports whether any is left */ \
	STAGE(leaves, lat_leaves(l, level, r)) \
	STAGE(keep_leaves, lat_keep_leaves(l, level, r)) \
	STAGE(count_leaves, l->row_leaf[level][r] = lat_leaf_row(l, level, r, 0)) \
	STAGE(write_leaves, lat_leaf_row(l, level, r, l->tets + 4 * (i64)(l->row_leaf[level][r] - l->first_tet)))

#define LAT_NAME(name, body) LAT_##name,
enum lat_stage { LAT_ROW_STAGES(LAT_NAME) LAT_row_stages };
enum lat_cube_stage { LAT_CUBE_STAGES(LAT_NAME) LAT_cube_stages };

#endif
