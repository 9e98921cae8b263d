/* Counts become where each begins, in three steps: the sum of each part of them, where each part begins, and each count of a part. Parts
   are as long as there are parts: see Scanner in scan.go. */

#ifndef GPU_SCAN_H
#define GPU_SCAN_H

#define GPU_SCANS(type, bits) \
	KERNEL gpu_sum##bits(const type *count, long long n, long long part, unsigned long long *sums) { \
		long long first = THREAD * part, last = first + part < n ? first + part : n; \
		unsigned long long sum = 0; \
		if (first >= n) return; \
		for (long long i = first; i < last; i++) sum += count[i]; \
		sums[THREAD] = sum; \
	} \
	KERNEL gpu_place##bits(type *count, long long n, long long part, const unsigned long long *sums) { \
		long long first = THREAD * part, last = first + part < n ? first + part : n; \
		if (first >= n) return; \
		unsigned long long at = sums[THREAD]; \
		for (long long i = first; i < last; i++) { \
			unsigned long long c = count[i]; \
			count[i] = (type)at; \
			at += c; \
		} \
	}
GPU_SCANS(unsigned int, 32)
GPU_SCANS(unsigned long long, 64)

/* one thread; the end of the last part is written behind the last */
KERNEL gpu_begin_parts(unsigned long long *sums, long long parts, unsigned long long first) {
	if (THREAD != 0) return;
	for (long long i = 0; i < parts; i++) {
		unsigned long long c = sums[i];
		sums[i] = first;
		first += c;
	}
	sums[parts] = first;
}

#endif
