// Go's runtime watches itself with a thread that sleeps for 20 us at a time whenever goroutines come and go, as they do while Gmsh asks for sizes
// and writes its log. internal/timerslack tells what a wider timer slack saves and what it costs. A thread has its slack from the one that made
// it, and this runs before the runtime makes any.

#include <sys/prctl.h>

enum { wide = 1000 * 1000 }; // ns, as in internal/timerslack

__attribute__((constructor)) static void widenTimerSlack(void) {
  if(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) < wide) prctl(PR_SET_TIMERSLACK, wide, 0, 0, 0); // where it cannot be had, it costs what it did
}
