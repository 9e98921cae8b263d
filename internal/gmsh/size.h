#ifndef MESHGEN_SIZE_H
#define MESHGEN_SIZE_H

#ifdef __cplusplus
extern "C" {
#endif

// Asks meshgenSize for the size at a place, or leaves the call of Gmsh that wants to know it, where it is to be interrupted.
double meshgenSizeOrLeave(int dim, int tag, double x, double y, double z, double lc, void *data);

void meshgenInterrupt(int on);

// Reports whether a call of Gmsh was left since it was asked last.
int meshgenTakeLeft(void);

#ifdef __cplusplus
}
#endif

#endif
