#include "heap.h"
#include <stdint.h>

// Of jemalloc, which is the malloc of every program that this package is linked to: Gmsh asks for millions of small pieces, and glibc's malloc
// takes a tenth of its time for them.
extern int mallctl(const char *name, void *old, size_t *oldlen, void *new, size_t newlen);

// What threads keep at hand for their next pieces counts as in use until it is put back.
static void put_back(void) { mallctl("thread.tcache.flush", NULL, NULL, NULL, 0); }

size_t heap_in_use(void) {
    put_back();
    uint64_t epoch = 1; // figures are of the time of this
    mallctl("epoch", NULL, NULL, &epoch, sizeof epoch);
    size_t bytes = 0, len = sizeof bytes;
    mallctl("stats.allocated", &bytes, &len, NULL, 0);
    return bytes;
}

void heap_release(void) {
    put_back();
    mallctl("arena.4096.purge", NULL, NULL, NULL, 0); // MALLCTL_ARENAS_ALL
}
