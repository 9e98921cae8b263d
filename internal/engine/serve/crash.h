// How an engine dies: see crash.c.
#ifndef MESHGEN_SERVE_CRASH_H
#define MESHGEN_SERVE_CRASH_H

// crashGuard takes over the signals of crashes in C code. It returns 0, or -1 with errno.
int crashGuard(void);

// crashNote keeps a short text (what is being done) for the last words. It is copied.
void crashNote(const char *text);

#endif
