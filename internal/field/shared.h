// What gcc and NVRTC understand differently. The kernels beside this file are written in the subset of C that both compile:
// IEEE additions, multiplications, divisions and square roots in the order written, none fused, and no other function of
// libm, so that a processor and a GPU compute the same bits.
#ifndef FIELD_SHARED_H
#define FIELD_SHARED_H

#ifdef __CUDACC_RTC__
typedef int int32_t;
typedef unsigned int uint32_t;
typedef unsigned char uint8_t;
typedef long long int64_t;
#define FIELD_FN static __device__ __forceinline__
// Whole numbers added in any order give the same sum.
#define FIELD_ADD(place, x) atomicAdd((place), (x))
// Positive floats are ordered like their bits, so that the least one does not depend on the order.
#define FIELD_LEAST(place, x) atomicMin((int *)(place), __float_as_int(x))
#define FIELD_LEAST_WORD(place, x) atomicMin((place), (x))
#define FIELD_BITS(x) __float_as_uint(x)
#define FIELD_FLOAT(bits) __uint_as_float(bits)
#define FIELD_SQRTF(x) __fsqrt_rn(x)
#define FIELD_SQRT(x) __dsqrt_rn(x)
#else
#include <stdint.h>
#include <string.h>
// Declared as setting no errno: gcc computes several at once then.
extern float sqrtf(float) __attribute__((const));
extern double sqrt(double) __attribute__((const));
#define FIELD_FN static inline __attribute__((always_inline))
// A tile is one thread's alone.
#define FIELD_ADD(place, x) (*(place) += (x))
#define FIELD_LEAST(place, x) (*(place) = (x) < *(place) ? (x) : *(place))
#define FIELD_LEAST_WORD FIELD_LEAST
#define FIELD_BITS(x) field_bits(x)
#define FIELD_FLOAT(bits) field_float(bits)
#define FIELD_SQRTF(x) sqrtf(x)
#define FIELD_SQRT(x) sqrt(x)
#endif

#ifndef __CUDACC_RTC__
FIELD_FN uint32_t field_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

FIELD_FN float field_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
#endif

// FIELD_LANES points are computed at once.
#define FIELD_LANES 8

// A lattice's shape: see Lattice in lattice.go. Coordinates in the kernels are in lattice units, seen from its origin.
typedef struct {
    int32_t nx, ny;
    int32_t m0, m1; // the slabs of the tile
    int32_t slabs;  // of the whole lattice
} field_tile;

FIELD_FN double field_min(double a, double b) { return a < b ? a : b; }
FIELD_FN double field_max(double a, double b) { return a > b ? a : b; }
FIELD_FN float field_minf(float a, float b) { return a < b ? a : b; }
FIELD_FN float field_maxf(float a, float b) { return a > b ? a : b; }
FIELD_FN int32_t field_mini(int32_t a, int32_t b) { return a < b ? a : b; }
FIELD_FN int32_t field_maxi(int32_t a, int32_t b) { return a > b ? a : b; }

// field_far bounds lattice coordinates that become whole numbers; no lattice reaches so far.
#define FIELD_FAR 5e8

FIELD_FN int32_t field_ceil(double x) {
    x = field_min(field_max(x, -FIELD_FAR), FIELD_FAR);
    int32_t i = (int32_t)x;
    return i + (x > (double)i);
}

FIELD_FN int32_t field_floor(double x) {
    x = field_min(field_max(x, -FIELD_FAR), FIELD_FAR);
    int32_t i = (int32_t)x;
    return i - (x < (double)i);
}

#endif
