"""One peer of `make bench-lattice`, on one surface, in a process of its own: what it takes is the time of its own calls, with reading and checks left out.

    peers.py NAME FOLDER SIZE VOLUME MEMORY

FOLDER holds vertices (three float64 each), triangles (three int64 each) and, for libigl, points (three float64 each). Meshers are asked for
tetrahedra of at most VOLUME, or edges of SIZE. It takes MEMORY bytes of addresses at most. The last line printed is JSON.
"""

import json
import os
import resource
import sys
import time

import numpy as np

ROUNDS = 5  # as of ours


class Clock:
    """What is done within takes so many seconds, and so many of all processors."""

    def __enter__(self):
        self.began, self.spent = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.took = {"seconds": time.perf_counter() - self.began, "processor": time.process_time() - self.spent}


NOTHING = "no tetrahedron, and no error"


def libigl(v, f, folder):
    import igl

    points = np.fromfile(f"{folder}/points").reshape(-1, 3)
    took = []
    for _ in range(ROUNDS):
        with Clock() as clock:
            winding = igl.fast_winding_number(v, f, points)
        took.append(clock.took)
    winding.astype(np.float64).tofile(f"{folder}/winding")
    return {name: min(t[name] for t in took) for name in took[0]}


def tetgen(v, f, size, volume):
    import tetgen

    t = tetgen.TetGen(v, f.astype(np.int32))
    with Clock() as clock:
        nodes, tets, *_ = t.tetrahedralize(switches=f"pq1.414a{volume:.9g}Q")
    return clock, nodes, tets


def netgen(v, f, size, volume):
    from netgen.meshing import Element2D, FaceDescriptor, Mesh, MeshPoint
    from netgen.csg import Pnt
    import pyngcore

    m = Mesh(dim=3)
    face = m.Add(FaceDescriptor(surfnr=1, domin=1, domout=0, bc=1))
    at = [m.Add(MeshPoint(Pnt(*p))) for p in v.tolist()]
    for t in f.tolist():
        m.Add(Element2D(face, [at[i] for i in t]))
    with Clock() as clock, pyngcore.TaskManager():
        m.GenerateVolumeMesh(maxh=size, optsteps3d=0)
    if len(m.Elements3D()) == 0:
        raise RuntimeError(NOTHING)
    nodes = np.asarray(m.Coordinates())
    tets = m.Elements3D().NumPy()["nodes"][:, :4].astype(np.int64) - 1
    return clock, nodes, tets[:, [0, 1, 3, 2]]  # its order is the mirror image of ours


def ftetwild(v, f, size, volume):
    import pytetwild

    with Clock() as clock:
        nodes, tets = pytetwild.tetrahedralize(v, f.astype(np.int32), vtk_ordering=True)
    return clock, nodes, tets


def hxt(v, f, size, volume):
    import gmsh

    gmsh.initialize()
    gmsh.option.setNumber("General.Terminal", 0)
    face = gmsh.model.addDiscreteEntity(2)
    gmsh.model.mesh.addNodes(2, face, np.arange(1, len(v) + 1), v.ravel())
    gmsh.model.mesh.addElementsByType(face, 2, [], (f + 1).ravel())
    gmsh.model.geo.addVolume([gmsh.model.geo.addSurfaceLoop([face])])
    gmsh.model.geo.synchronize()
    for name, value in {"Mesh.Algorithm3D": 10, "Mesh.MeshSizeMax": size, "Mesh.Optimize": 0, "General.NumThreads": os.cpu_count()}.items():
        gmsh.option.setNumber(name, value)
    with Clock() as clock:
        gmsh.model.mesh.generate(3)
    tags, places, _ = gmsh.model.mesh.getNodes()
    nodes = np.zeros((int(tags.max()) + 1, 3))
    nodes[tags] = places.reshape(-1, 3)
    _, tets = gmsh.model.mesh.getElementsByType(4)
    return clock, nodes, tets.reshape(-1, 4).astype(np.int64)


def looked_at(clock, nodes, tets):
    """What there is to say of tetrahedra: their volume, how many of them have none, and the smallest dihedral angle in degrees."""
    if len(tets) == 0:
        raise RuntimeError(NOTHING)
    p = nodes[tets]
    a, b, c = (p[:, i] - p[:, 0] for i in (1, 2, 3))
    n = np.stack([np.cross(c, b), np.cross(a, c), np.cross(b, a)], 1)  # of the sides that meet in the first corner
    n = np.concatenate([n, -n.sum(1, keepdims=True)], 1)  # those of a closed surface add up to nothing
    volumes = np.einsum("ij,ij->i", np.cross(a, b), c) / 6
    n /= np.maximum(np.linalg.norm(n, axis=2, keepdims=True), 1e-300)
    cosines = [-np.einsum("ij,ij->i", n[:, i], n[:, k]) for i in range(4) for k in range(i)]
    return {
        **clock.took, "tets": len(tets), "volume": float(volumes.sum()), "inverted": int((volumes <= 0).sum()),
        "least": float(np.degrees(np.arccos(np.clip(np.max(cosines), -1, 1)))),
    }


def bound(memory):
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY:
        memory = min(memory, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main():
    name, folder, size, volume = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    bound(int(sys.argv[5]))
    v = np.fromfile(f"{folder}/vertices").reshape(-1, 3)
    f = np.fromfile(f"{folder}/triangles", dtype=np.int64).reshape(-1, 3)
    try:
        if name == "libigl":
            answer = libigl(v, f, folder)
        else:
            answer = looked_at(*{"tetgen": tetgen, "netgen": netgen, "ftetwild": ftetwild, "hxt": hxt}[name](v, f, size, volume))
    except Exception as error:  # what it says is the result
        answer = {"error": (str(error).strip() or type(error).__name__).splitlines()[0]}
    print()
    print(json.dumps(answer))


main()
