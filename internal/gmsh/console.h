// What Gmsh prints, diverted: see console.c.
#ifndef MESHGEN_GMSH_CONSOLE_H
#define MESHGEN_GMSH_CONSOLE_H

// consoleDivert makes stdout and stderr of C streams that send Gmsh's lines to fd. It returns 0, or -1 with errno.
int consoleDivert(int fd);

// consoleMark sends a line that holds nothing but a mark, after all that was printed before.
void consoleMark(unsigned long number);

#endif
