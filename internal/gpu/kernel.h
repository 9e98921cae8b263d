/* What a file of kernels begins with. Whoever compiles it as C says what a kernel is (standin/driver.c). */

#ifndef GPU_KERNEL_H
#define GPU_KERNEL_H

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define THREAD ((long long)blockIdx.x * blockDim.x + threadIdx.x)
#define FOUND(at) atomicOr(at, 1u)
#define TAKE(counter) atomicAdd(counter, 1u)
#endif

#endif
