"""Gmsh as a script uses it, for the benchmark of changes: with an argument, one request in a process of its own, with the imports
of the backend that Meshgen replaces; without, a warm loop that reads a request a line, keeps nothing between them and answers
each with a line.

A request is JSON: part, edge, circle, algorithm (0 for Gmsh's default), order, formats, folder, and refined faces with their size.
"""
import json
import sys

import gmsh

if len(sys.argv) > 1:
    import numpy  # noqa: F401
    import scipy  # noqa: F401
    import scipy.spatial  # noqa: F401
    import pyvista  # noqa: F401


def mesh(q):
    gmsh.clear()
    gmsh.option.restoreDefaults()
    number = gmsh.option.setNumber
    number("General.Terminal", 0)
    number("General.NumThreads", 1)
    gmsh.model.occ.importShapes(q["part"])
    gmsh.model.occ.synchronize()
    number("Mesh.MeshSizeMax", q["edge"])
    number("Mesh.MeshSizeMin", q["edge"] / 15)
    number("Mesh.MeshSizeFromCurvature", q["circle"])
    number("Mesh.Algorithm3D", q["algorithm"] or 1)
    if "refined" in q:
        field = gmsh.model.mesh.field
        near = field.add("Distance")
        field.setNumbers(near, "SurfacesList", q["refined"])
        size = field.add("Threshold")
        for name, value in {"InField": near, "SizeMin": q["size"], "SizeMax": q["edge"], "DistMax": 3 * q["edge"]}.items():
            field.setNumber(size, name, value)
        field.setAsBackgroundMesh(size)
    gmsh.model.mesh.generate(3)
    if q["order"] > 1:
        gmsh.model.mesh.setOrder(q["order"])
    number("Mesh.Binary", 1)
    number("Mesh.MshFileVersion", 4.1)
    for name in q["formats"]:
        gmsh.write(f"{q['folder']}/mesh.{name}")


gmsh.initialize()
if len(sys.argv) > 1:
    mesh(json.loads(sys.argv[1]))
else:
    for line in sys.stdin:
        mesh(json.loads(line))
        print("done", flush=True)
gmsh.finalize()
