// What Gmsh prints, diverted: see console.c.
#ifndef MESHGEN_GMSH_CONSOLE_H
#define MESHGEN_GMSH_CONSOLE_H

// consoleDivert makes stdout and stderr of C streams that send Gmsh's lines to fd. It returns 0, or -1 with errno.
int consoleDivert(int fd);

// consoleFlush returns when all that was printed before is in the pipe.
void consoleFlush(void);

#endif
