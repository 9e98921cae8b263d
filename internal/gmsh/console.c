// Gmsh's API hands out its messages only after the fact. While it works it prints them through C's stdout and stderr, so
// these two variables are given streams of our own: what begins as a message of Gmsh's goes to a pipe, whole, and anything
// else goes on to the real descriptors 1 and 2 at once. So the last words of a crashing process reach whoever reads its
// stderr, which they would not through a pipe that the same process has to read.
//
// OpenCASCADE prints through C++ streams, which took hold of the first stdout before we came: its words go to descriptor 1.

#define _GNU_SOURCE
#include "console.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int logFd = -1;
static pthread_mutex_t logMutex = PTHREAD_MUTEX_INITIALIZER;

static void writeAll(int fd, const char *text, size_t size) {
  while(size > 0) {
    ssize_t n = write(fd, text, size);
    if(n < 0 && errno == EINTR) continue;
    if(n <= 0) return;
    text += n;
    size -= (size_t)n;
  }
}

static int isMessage(const char *text, size_t size) {
  static const char *const prefixes[] = {"Info    : ", "Warning : ", "Error   : ", "Debug   : ", "Timers  : "};
  for(size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if(size >= strlen(prefixes[i]) && memcmp(text, prefixes[i], strlen(prefixes[i])) == 0) return 1;
  return 0;
}

// The progress meter wipes itself away with blanks.
static int isBlank(const char *text, size_t size) {
  for(size_t i = 0; i < size; i++)
    if(text[i] != ' ' && text[i] != '\r') return 0;
  return 1;
}

// Each stream remembers where the line that it is in the middle of began to go.
struct stream {
  int fd;      // the real descriptor
  int message; // the line begun is a message
  int inside;  // a line was begun
};

static ssize_t streamWrite(void *cookie, const char *text, size_t size) {
  struct stream *s = cookie;
  for(size_t from = 0; from < size;) {
    size_t to = from;
    while(to < size && text[to] != '\n' && text[to] != '\r') to++;
    int ends = to < size;
    if(ends) to++;
    if(!s->inside) s->message = isMessage(text + from, to - from);
    s->inside = !ends;
    if(s->message) {
      pthread_mutex_lock(&logMutex);
      writeAll(logFd, text + from, to - from);
      pthread_mutex_unlock(&logMutex);
    }
    else if(!isBlank(text + from, to - from))
      writeAll(s->fd, text + from, to - from);
    from = to;
  }
  return (ssize_t)size;
}

static FILE *streamOpen(struct stream *s) {
  cookie_io_functions_t io = {.write = streamWrite};
  FILE *f = fopencookie(s, "w", io);
  // a whole message at a time, also on stderr: what is printed in pieces could not be told apart
  if(f != NULL) setvbuf(f, NULL, _IOLBF, 1 << 14);
  return f;
}

int consoleDivert(int fd) {
  static struct stream out = {.fd = 1}, err = {.fd = 2};
  FILE *newOut = streamOpen(&out), *newErr = streamOpen(&err);
  if(newOut == NULL || newErr == NULL) return -1;
  logFd = fd;
  fflush(stdout);
  fflush(stderr);
  stdout = newOut;
  stderr = newErr;
  return 0;
}

void consoleFlush(void) {
  fflush(stdout);
  fflush(stderr);
}
