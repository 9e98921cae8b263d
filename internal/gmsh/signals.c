// gmshInitialize starts PETSc, which puts most signals back to their defaults. In a Go program that would turn a nil pointer,
// otherwise a panic that can be caught, into the death of the process, and undo whatever else was decided about signals.
// So the handlers are kept over the calls that may do this.

#define _GNU_SOURCE
#include "signals.h"

#include <gmshc.h>
#include <signal.h>

static void keepingSignals(void (*call)(int *), int *ierr) {
  struct sigaction before[NSIG];
  int known[NSIG];
  for(int i = 1; i < NSIG; i++) known[i] = sigaction(i, NULL, &before[i]) == 0;
  call(ierr);
  for(int i = 1; i < NSIG; i++)
    if(known[i] && i != SIGKILL && i != SIGSTOP) sigaction(i, &before[i], NULL);
}

static void initialize(int *ierr) { gmshInitialize(0, NULL, 0, 0, ierr); }

void initializeKeepingSignals(int *ierr) { keepingSignals(initialize, ierr); }

void finalizeKeepingSignals(int *ierr) { keepingSignals(gmshFinalize, ierr); }
