#include "size.h"

#include <atomic>
#include <stdexcept>

extern "C" double meshgenSize(int dim, int tag, double x, double y, double z, double lc, void *data);

static std::atomic<bool> interrupted{false}, left{false};

extern "C" void meshgenInterrupt(int on) { interrupted.store(on != 0, std::memory_order_relaxed); }

extern "C" int meshgenTakeLeft() { return left.exchange(false); }

// The exception passes through frames of Gmsh only: Go was not called yet. Gmsh catches it around the curve or face that it
// meshes, gives back its lock, and fails.
extern "C" double meshgenSizeOrLeave(int dim, int tag, double x, double y, double z, double lc, void *data)
{
  if(interrupted.load(std::memory_order_relaxed)) {
    left.store(true);
    throw std::runtime_error("interrupted");
  }
  return meshgenSize(dim, tag, x, y, z, lc, data);
}
