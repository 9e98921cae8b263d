"""Bare Gmsh, as a person would call it: the peer of `make bench-cad`. One process a mesh.

    python peer.py facts FILE                      volumes of the solids that the CAD holds
    python peer.py mesh FILE OUT.msh CONFIGURATION
    python peer.py match FILE OUT.msh NODES        default sizes, scaled until the mesh has that many nodes

Answers with one line of JSON. What goes wrong is an error there, or the end of the process.
"""
import json
import math
import sys
import time

import gmsh

# The ladder that people climb by hand: options beside the defaults. Curvature is in elements a circle.
CONFIGURATIONS = {
    "default": {},
    "curvature": {"Mesh.MeshSizeFromCurvature": 30},
    "finer": {"Mesh.MeshSizeFactor": 0.5},
    "meshadapt": {"Mesh.Algorithm": 1, "Mesh.MeshSizeFromCurvature": 12},
    "hxt": {"Mesh.Algorithm3D": 10, "Mesh.MeshSizeFromCurvature": 12},
}
TOLERANCE = 0.05  # of the number of nodes wanted
TRIES = 10


def read(path):
    gmsh.initialize()
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.option.setNumber("General.NumThreads", 1)
    gmsh.option.setNumber("Mesh.Binary", 1)
    gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
    gmsh.model.occ.importShapes(path)
    gmsh.model.occ.synchronize()


def facts(path):
    read(path)
    sewn = False
    if not gmsh.model.getEntities(3):
        box = gmsh.model.getBoundingBox(-1, -1)
        gmsh.model.occ.healShapes([], 1e-5 * math.dist(box[:3], box[3:]), False, False, False, True, True)
        gmsh.model.occ.synchronize()
        sewn = True
    volumes = [abs(gmsh.model.occ.getMass(3, tag)) for _, tag in gmsh.model.getEntities(3)]
    return {"volumes": volumes, "sewn": sewn, "gmsh": gmsh.__version__}


def mesh(path, out, configuration):
    read(path)
    for name, value in CONFIGURATIONS[configuration].items():
        gmsh.option.setNumber(name, value)
    began = time.perf_counter()
    gmsh.model.mesh.generate(3)
    took = time.perf_counter() - began
    gmsh.model.mesh.renumberNodes()
    gmsh.write(out)
    return {"seconds": took}


def match(path, out, wanted):
    read(path)
    factor, known = 1.0, []
    for _ in range(TRIES):
        gmsh.model.mesh.clear()
        gmsh.option.setNumber("Mesh.MeshSizeFactor", factor)
        began = time.perf_counter()
        gmsh.model.mesh.generate(3)
        took = time.perf_counter() - began
        nodes = len(gmsh.model.mesh.getNodes()[0])
        if abs(nodes / wanted - 1) <= TOLERANCE:
            gmsh.model.mesh.renumberNodes()
            gmsh.write(out)
            return {"seconds": took, "nodes": nodes, "factor": factor}
        known.append((factor, nodes))
        below = max((f for f, n in known if n > wanted), default=None)
        above = min((f for f, n in known if n < wanted), default=None)
        if below and above:
            factor = math.sqrt(below * above)
        else:  # about three nodes along an edge make twenty-seven in a volume, nine on a surface
            factor *= min(max((nodes / wanted) ** (1 / 2.5), 0.3), 3)
    return {"error": f"no factor gives {wanted} nodes; tried {known}"}


def main():
    duty, path = sys.argv[1], sys.argv[2]
    try:
        if duty == "facts":
            answer = facts(path)
        elif duty == "mesh":
            answer = mesh(path, sys.argv[3], sys.argv[4])
        else:
            answer = match(path, sys.argv[3], int(sys.argv[4]))
    except Exception as error:  # Gmsh raises nothing narrower
        answer = {"error": str(error) or type(error).__name__}
    print(json.dumps(answer))


main()
