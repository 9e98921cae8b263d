/* A stand-in for NVIDIA's driver (libcuda.so.1), for tests where there is no GPU: what runs on a GPU is run here, by gcc's
   compilation of the same kernels, one thread after the other and in no order that anything may rely on. So it proves the host's
   side and the kernels' arithmetic, and nothing about speed. All other calls of the driver answer as stubs (see scripts/cuda).

   What the driver may meet is set by the environment:

   STANDIN_DEVICES  how many devices there are; 1 if it is not set
   STANDIN_MEMORY   bytes of the device
   STANDIN_LAUNCHES after how many launches the device is lost */

#define _GNU_SOURCE
#include <cuda.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	unsigned x, y, z;
} place;
static _Thread_local place blockIdx, blockDim, threadIdx;
#define KERNEL void
#define THREAD ((long long)blockIdx.x * blockDim.x + threadIdx.x)
#define FOUND(at) (*(at) |= 1u)
#define TAKE(counter) ((*(counter))++)
#include "../../field/gpu.cu"
#include "../../lattice/gpu.cu"

/* Memory lies behind its size, and is filled with what is not zero. */
#define HEAD 64
#define DIRT 0xa5

static long long budget, held, launches;
static int devices, lost;

static long long number(const char *name, long long unset) {
	const char *text = getenv(name);
	return text ? atoll(text) : unset;
}

#define LIVE() \
	if (lost) return CUDA_ERROR_ILLEGAL_ADDRESS /* sticky, as the driver's own are */

static void look(void) {
	devices = (int)number("STANDIN_DEVICES", 1);
	budget = number("STANDIN_MEMORY", 4ll << 30);
	launches = number("STANDIN_LAUNCHES", -1);
	lost = 0;
}

CUresult cuInit(unsigned flags) {
	look();
	return flags ? CUDA_ERROR_INVALID_VALUE : devices ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

/* asked for devices, it is as if the machine were started again */
CUresult cuDeviceGetCount(int *count) { return look(), *count = devices, CUDA_SUCCESS; }
CUresult cuDeviceGet(CUdevice *device, int ordinal) { return *device = ordinal, ordinal < devices ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE; }
CUresult cuDeviceGetName(char *name, int size, CUdevice device) { return snprintf(name, size, "stand-in %d", device), CUDA_SUCCESS; }
CUresult cuDeviceTotalMem(size_t *bytes, CUdevice device) { return (void)device, *bytes = budget, CUDA_SUCCESS; }

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute what, CUdevice device) {
	(void)device;
	*value = what == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? 7 : what == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? 5 : 0;
	return CUDA_SUCCESS;
}

CUresult cuCtxCreate(CUcontext *context, unsigned flags, CUdevice device) { return (void)flags, (void)device, *context = (CUcontext)&held, CUDA_SUCCESS; }

CUresult cuCtxSetCurrent(CUcontext context) { return context == (CUcontext)&held ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT; }

CUresult cuCtxSynchronize(void) {
	LIVE();
	return CUDA_SUCCESS;
}

CUresult cuMemGetInfo(size_t *free_bytes, size_t *total) {
	LIVE();
	*free_bytes = budget - held;
	*total = budget;
	return CUDA_SUCCESS;
}

CUresult cuMemAlloc(CUdeviceptr *at, size_t bytes) {
	LIVE();
	if (held + (long long)bytes > budget) return CUDA_ERROR_OUT_OF_MEMORY;
	char *block = aligned_alloc(HEAD, HEAD + (bytes + HEAD - 1) / HEAD * HEAD);
	if (!block) return CUDA_ERROR_OUT_OF_MEMORY;
	memcpy(block, &bytes, sizeof bytes);
	memset(block + HEAD, DIRT, bytes);
	held += bytes;
	*at = (CUdeviceptr)(block + HEAD);
	return CUDA_SUCCESS;
}

CUresult cuMemFree(CUdeviceptr at) {
	LIVE();
	char *block = (char *)at - HEAD;
	size_t bytes;
	memcpy(&bytes, block, sizeof bytes);
	memset(block, DIRT, HEAD + bytes);
	held -= bytes;
	free(block);
	return CUDA_SUCCESS;
}

CUresult cuMemsetD8(CUdeviceptr at, unsigned char value, size_t bytes) {
	LIVE();
	memset((void *)at, value, bytes);
	return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t bytes) {
	LIVE();
	memcpy((void *)to, from, bytes);
	return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoH(void *to, CUdeviceptr from, size_t bytes) {
	LIVE();
	memcpy(to, (const void *)from, bytes);
	return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
	LIVE();
	if (!strstr(image, ".visible .entry")) return CUDA_ERROR_INVALID_PTX;
	*module = (CUmodule)strdup(image);
	return CUDA_SUCCESS;
}

/* a kernel, and how many arguments its PTX says that it has: all of eight bytes */
typedef struct {
	void (*run)(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);
	int arguments;
} kernel;
#define MOST 12

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
	LIVE();
	char entry[256];
	snprintf(entry, sizeof entry, ".visible .entry %s(", name);
	const char *at = strstr((const char *)module, entry), *end = at ? strchr(at + strlen(entry), ')') : NULL;
	void *run = dlsym(RTLD_DEFAULT, name);
	if (!end || !run) return CUDA_ERROR_NOT_FOUND;
	kernel *k = calloc(1, sizeof *k);
	*(void **)&k->run = run;
	for (const char *p = at; (p = strstr(p, ".param ")) && p < end; p++) {
		k->arguments++;
		if (strncmp(p, ".param .u64", 11) && strncmp(p, ".param .b64", 11)) return CUDA_ERROR_INVALID_PTX;
	}
	if (k->arguments > MOST) return CUDA_ERROR_INVALID_PTX;
	*function = (CUfunction)k;
	return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                        CUstream stream, void **arguments, void **extra) {
	LIVE();
	if (gy != 1 || gz != 1 || by != 1 || bz != 1 || !gx || !bx || bx > 1024 || shared || stream || extra) return CUDA_ERROR_INVALID_VALUE;
	if (launches >= 0 && launches-- == 0) {
		lost = 1;
		return CUDA_ERROR_ILLEGAL_ADDRESS;
	}
	const kernel *k = (const kernel *)function;
	u64 a[MOST] = {0};
	for (int i = 0; i < k->arguments; i++) memcpy(&a[i], arguments[i], 8);
	/* a step that has no divisor with the number of threads in common takes each once */
	u64 threads = (u64)gx * bx, step = threads * 5 / 8 | 1, t = threads / 3;
	for (;; step += 2) {
		u64 x = step, y = threads;
		while (y) {
			u64 z = x % y;
			x = y;
			y = z;
		}
		if (x == 1) break;
	}
	blockDim.x = bx;
	for (u64 n = 0; n < threads; n++, t = (t + step) % threads) {
		blockIdx.x = (unsigned)(t / bx);
		threadIdx.x = (unsigned)(t % bx);
		k->run(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
	}
	return CUDA_SUCCESS;
}
