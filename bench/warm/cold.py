"""What Meshgen replaces: one Python process a request.

Does what the old backend did for a request: the imports it needed, then the same work as the engine's: read the STEP,
mesh it with the given edge length, write .msh (4.1 binary) and .vtk (binary), say how many tetrahedra there are.

    python cold.py part.step EDGE ELEMENTS_A_CIRCLE OUTPUT_FOLDER
"""
import sys
import time

began = time.perf_counter()
import gmsh  # noqa: E402
import numpy  # noqa: E402,F401
import scipy  # noqa: E402,F401
import scipy.spatial  # noqa: E402,F401
import pyvista  # noqa: E402,F401

imported = time.perf_counter()
part, edge, circle, folder = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
gmsh.initialize()
gmsh.option.setNumber("General.Terminal", 0)
gmsh.option.setNumber("General.NumThreads", 1)
gmsh.model.occ.importShapes(part)
gmsh.model.occ.synchronize()
gmsh.option.setNumber("Mesh.MeshSizeMax", edge)
gmsh.option.setNumber("Mesh.MeshSizeMin", edge / 15)
gmsh.option.setNumber("Mesh.MeshSizeFromCurvature", circle)
gmsh.option.setNumber("Mesh.Algorithm3D", 1)
gmsh.model.mesh.generate(3)
gmsh.option.setNumber("Mesh.Binary", 1)
gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
gmsh.write(folder + "/mesh.msh")
gmsh.write(folder + "/mesh.vtk")
tags, _ = gmsh.model.mesh.getElementsByType(4)
gmsh.finalize()
print(f"tetrahedra={len(tags)} imports={imported - began:.3f} work={time.perf_counter() - imported:.3f}")
