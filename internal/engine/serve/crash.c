// OpenCASCADE and Gmsh crash on some input. The Go runtime would answer with the stacks of all goroutines and exit status 2,
// which says neither what happened nor where. So signals that are raised in C code end the process as they would end a C
// program: the worker sees the signal, and reads one line and the C stack as last words. Signals raised in Go code stay the
// runtime's: a nil pointer in Go is a panic that can be caught.

#define _GNU_SOURCE
#include "crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static struct sigaction goAction[64];
static char note[128] = "starting";

// the text of this executable, where all of Go's code is
extern char __executable_start, etext;

static int inExecutable(const ucontext_t *context) {
#if defined(__x86_64__)
  const char *pc = (const char *)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  const char *pc = (const char *)context->uc_mcontext.pc;
#else
#error "unknown processor"
#endif
  return pc >= &__executable_start && pc < &etext;
}

static void say(const char *text) {
  ssize_t ignored = write(2, text, strlen(text));
  (void)ignored;
}

static void lastWords(int signal) {
  const char *name = sigabbrev_np(signal), *meaning = sigdescr_np(signal);
  say("engine: killed by SIG");
  say(name ? name : "?");
  say(" (");
  say(meaning ? meaning : "?");
  say(") in stage ");
  say(note);
  say("\n");
  void *frames[16];
  int n = backtrace(frames, sizeof frames / sizeof *frames);
  // the first two are this function and the handler
  if(n > 2) backtrace_symbols_fd(frames + 2, n - 2, 2);
}

static void handle(int number, siginfo_t *info, void *context) {
  // A positive code comes from the processor, not from another process.
  if(number != SIGABRT && info->si_code > 0 && inExecutable(context)) {
    goAction[number].sa_sigaction(number, info, context);
    return;
  }
  // Should the stack be so broken that walking it hangs, the alarm ends the process.
  signal(SIGALRM, SIG_DFL);
  alarm(2);
  lastWords(number);
  // Raised again, it stays pending until this handler returns, and then has its default effect.
  signal(number, SIG_DFL);
  raise(number);
}

int crashGuard(void) {
  // The memory of a crashed engine holds a user's geometry: write none of it to disk.
  struct rlimit none = {0, 0};
  if(setrlimit(RLIMIT_CORE, &none) != 0) return -1;

  // The first call loads a library, which a handler must not.
  void *frame[1];
  backtrace(frame, 1);

  for(size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigfillset(&action.sa_mask);
    sigdelset(&action.sa_mask, SIGALRM);
    if(sigaction(crashes[i], &action, &goAction[crashes[i]]) != 0) return -1;
  }
  return 0;
}

void crashNote(const char *text) {
  strncpy(note, text, sizeof note - 1);
}
