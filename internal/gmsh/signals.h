// Signal handlers survive these two calls: see signals.c.
#ifndef MESHGEN_GMSH_SIGNALS_H
#define MESHGEN_GMSH_SIGNALS_H

void initializeKeepingSignals(int *ierr);
void finalizeKeepingSignals(int *ierr);

#endif
