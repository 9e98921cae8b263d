"""Reads mesh files with programs other than their writer and prints what they hold, as JSON.

Input, on standard input: {"case": {"format": "path", ...}, ...}. Output: {"case": {"format": facts, ...}, ...}, where facts are
  counts   number of volume elements by shape
  volume   what they fill, by the reader's own measure
  groups   {name: [number of elements, measure]}; volumes and faces
  and what else a reader knows.
"""
import contextlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import warnings

import gmsh
import h5py
import meshio
import numpy as np
import pyvista as pv
import vtk
from pyNastran.bdf.bdf import BDF
import pyuff

warnings.simplefilter("ignore")
vtk.vtkObject.GlobalWarningDisplayOff()
FOAM = dict(os.environ, WM_PROJECT_DIR="/usr/share/openfoam")

# What meshio lacks: it reads neither MED's complete elements of order 2, nor Abaqus' pyramid, nor a file of Gmsh whose groups
# leave out entities.
meshio._mesh.topological_dimension.update({"wedge15": 3, "wedge18": 3, "pyramid13": 3})
meshio.med._med.med_to_meshio_type.update({"H27": "hexahedron27", "P18": "wedge18", "QU9": "quad9"})
meshio.abaqus._abaqus.abaqus_to_meshio_type["C3D5"] = "pyramid"
meshio.gmsh._gmsh41.Mesh = lambda points, cells, cell_data=None, **rest: meshio.Mesh(points, cells, **rest)

VTK_SHAPES = {10: "tetrahedron", 24: "tetrahedron", 71: "tetrahedron", 12: "hexahedron", 25: "hexahedron", 29: "hexahedron", 72: "hexahedron",
              13: "prism", 26: "prism", 32: "prism", 73: "prism", 14: "pyramid", 27: "pyramid", 37: "pyramid"}
VTK_FACES = {5, 9, 22, 23, 28, 69, 70}
MESHIO_SHAPES = {"tetra": "tetrahedron", "hexahedron": "hexahedron", "wedge": "prism", "pyramid": "pyramid"}


def shape_of(meshio_type):
    return next((s for prefix, s in MESHIO_SHAPES.items() if meshio_type.startswith(prefix)), None)


def count(names):
    return {n: int(c) for n, c in zip(*np.unique([n for n in names if n], return_counts=True))}


def measures(grid):
    """Volumes and areas of the cells of a VTK grid, signed."""
    sizes = grid.compute_cell_sizes(length=False)
    return np.asarray(sizes["Volume"]), np.asarray(sizes["Area"])


def of_grid(grid, sign=1):
    volume, area = measures(grid)
    volume = sign * volume
    return {"counts": count(VTK_SHAPES.get(int(t)) for t in grid.celltypes), "volume": float(volume.sum()), "least": float(volume[volume != 0].min())}


def interface(tetrahedra, solids, triangles):
    """How many sides of tetrahedra lie between two solids, and outside; sound is that no side has more than two tetrahedra, and that triangles lie
    on just these sides, once."""
    sides = np.sort(tetrahedra[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), axis=1)
    rows, number = np.unique(np.vstack([sides, np.sort(triangles, axis=1)]), axis=0, return_inverse=True)
    side, triangle = np.split(np.ravel(number), [len(sides)])
    low, high = np.full(len(rows), np.iinfo(np.int64).max), np.full(len(rows), -1)
    np.minimum.at(low, side, np.repeat(solids, 4))
    np.maximum.at(high, side, np.repeat(solids, 4))
    owners, drawn = (np.bincount(of, minlength=len(rows)) for of in (side, triangle))
    between, outside = (owners == 2) & (low != high), owners == 1
    return {"between": int(between.sum()), "outside": int(outside.sum()),
            "sound": bool(owners.max() <= 2 and (drawn == (between | outside)).all())}


def read_vtk(path):
    grid = pv.read(path)
    facts = of_grid(grid)
    if set(grid.celltypes) - {1, 3} == {5, 10}:
        facts["interface"] = interface(grid.cells_dict[10], np.asarray(grid["CellEntityIds"])[grid.celltypes == 10], grid.cells_dict[5])
    volume, area = measures(grid)
    dims = np.array([3 if int(t) in VTK_SHAPES else 2 if int(t) in VTK_FACES else 0 for t in grid.celltypes])
    facts["groups"] = {}
    for name in grid.field_data.keys():
        tag, dim = (int(v) for v in np.ravel(grid.field_data[name]))
        if dim < 2:
            continue
        cells = (np.asarray(grid["CellGroupIds"]) == tag) & (dims == dim)
        if cells.any():
            facts["groups"][name] = [int(cells.sum()), float((volume if dim == 3 else area)[cells].sum())]
    facts["entities"] = len(set(zip(dims[dims > 1], np.asarray(grid["CellEntityIds"])[dims > 1])))
    return facts


def of_meshio(m):
    """Facts of what meshio read, measured by VTK; its order of nodes is VTK's but for the plain prism."""
    return of_grid(pv.from_meshio(m))


def read_gmsh(path):
    gmsh.clear()
    gmsh.merge(path)
    names = {4: "tetrahedron", 11: "tetrahedron", 29: "tetrahedron", 5: "hexahedron", 12: "hexahedron", 17: "hexahedron", 92: "hexahedron",
             6: "prism", 13: "prism", 18: "prism", 90: "prism", 7: "pyramid", 14: "pyramid", 19: "pyramid", 118: "pyramid"}
    counts, total, least, entity_measure = {}, 0.0, np.inf, {}
    for dim, tag in gmsh.model.getEntities(3) + gmsh.model.getEntities(2):
        number, measure = 0, 0.0
        for kind, elements, _ in zip(*gmsh.model.mesh.getElements(dim, tag)):
            number += len(elements)
            points, weights = gmsh.model.mesh.getIntegrationPoints(kind, "Gauss6")
            _, determinants, _ = gmsh.model.mesh.getJacobians(kind, points, tag)
            each = np.asarray(determinants).reshape(len(elements), -1) @ weights
            measure += each.sum()
            if dim == 3:
                counts[names[kind]] = counts.get(names[kind], 0) + len(elements)
                least = min(least, each.min())
        entity_measure[dim, tag] = number, measure
        total += measure if dim == 3 else 0
    groups = {}
    for dim, tag in gmsh.model.getPhysicalGroups():
        if dim > 1:
            of = [entity_measure[dim, e] for e in gmsh.model.getEntitiesForPhysicalGroup(dim, tag)]
            groups[gmsh.model.getPhysicalName(dim, tag)] = [sum(n for n, _ in of), float(sum(m for _, m in of))]
    return {"counts": counts, "volume": float(total), "least": float(least), "groups": groups}


def read_msh(path):
    with contextlib.redirect_stdout(io.StringIO()):
        m = meshio.read(path)
    facts = {"counts": {s: n for s, n in count(s for c in m.cells for s in [shape_of(c.type)] * len(c.data)).items()}}
    if {c.type for c in m.cells} - {"vertex", "line"} == {"triangle", "tetra"}:  # a block is an entity
        solids = [c.data for c in m.cells if c.type == "tetra"]
        facts["interface"] = interface(np.vstack(solids), np.repeat(range(len(solids)), [len(s) for s in solids]),
                                       np.vstack([c.data for c in m.cells if c.type == "triangle"]))
        facts["groups"] = read_gmsh(path)["groups"]
    return facts


def read_stl(path):
    mesh = pv.read(path)
    return {"triangles": mesh.n_cells, "volume": float(mesh.volume), "area": float(mesh.area), "open": mesh.extract_feature_edges(
        boundary_edges=True, feature_edges=False, manifold_edges=False, non_manifold_edges=True).n_cells}


UNV = {111: "tetrahedron", 118: "tetrahedron", 115: "hexahedron", 116: "hexahedron", 112: "prism", 113: "prism"}


def read_unv(path):
    """Counts and groups as pyuff reads them, measures by Gmsh, which numbers elements as the file does."""
    sets, counts = {}, {}
    with contextlib.redirect_stdout(io.StringIO()):
        file = pyuff.UFF(path)
        for i, kind in enumerate(file.get_set_types()):
            try:
                sets[int(kind)] = file.read_sets(i)
            except Exception:
                assert kind == 2412  # pyuff reads no elements whose nodes take two lines; Gmsh does, below
    for descriptor, elements in sets.get(2412, {}).items():
        if descriptor in UNV:
            counts[UNV[descriptor]] = counts.get(UNV[descriptor], 0) + len(elements)
    by_gmsh = read_gmsh(path)["counts"]
    assert not counts or sum(by_gmsh.values()) != sum(counts.values()) or counts == by_gmsh, (counts, by_gmsh)
    counts = by_gmsh
    measure, total, least = {}, 0.0, np.inf
    for dim in (3, 2):
        for kind, elements, _ in zip(*gmsh.model.mesh.getElements(dim)):
            points, weights = gmsh.model.mesh.getIntegrationPoints(kind, "Gauss6")
            _, determinants, _ = gmsh.model.mesh.getJacobians(kind, points)
            each = np.asarray(determinants).reshape(len(elements), -1) @ weights
            measure.update(zip((int(e) for e in elements), each))
            if dim == 3:
                total += each.sum()
                least = min(least, each.min())
    groups, nodes = {}, {}
    for g in sets.get(2467, {"groups": []})["groups"]:
        name = g["group_name"].strip() if isinstance(g["group_name"], str) else str(g["group_name"])
        if g["entity_type_code"][0] == 8:
            groups[name] = [len(g["entity_tag"]), float(sum(measure[int(e)] for e in g["entity_tag"]))]
        else:
            nodes[name] = len(g["entity_tag"])
    return {"counts": counts, "volume": float(total), "least": float(least), "groups": groups, "node_groups": nodes, "points": len(sets[2411]["node_nums"])}


ABAQUS_FACES = {"tetra": [(0, 1, 2), (0, 3, 1), (1, 3, 2), (2, 3, 0)],
                "hexahedron": [(0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)],
                "wedge": [(0, 1, 2), (3, 5, 4), (0, 3, 4, 1), (1, 4, 5, 2), (2, 5, 3, 0)],
                "pyramid": [(0, 1, 2, 3), (0, 4, 1), (1, 4, 2), (2, 4, 3), (3, 4, 0)]}


def polygon(points):
    a = points[0]
    return np.linalg.norm(sum(np.cross(points[i] - a, points[i + 1] - a) for i in range(1, len(points) - 1))) / 2


def read_inp(path):
    with contextlib.redirect_stdout(io.StringIO()):
        m = meshio.read(path)
    cell_sets, point_sets = dict(m.cell_sets), dict(m.point_sets)
    facts = of_meshio(m)
    volume, _ = measures(pv.from_meshio(m))
    starts = np.cumsum([0] + [len(c.data) for c in m.cells])
    facts["groups"], facts["node_groups"] = {}, {k: len(v) for k, v in point_sets.items()}
    for name, blocks in cell_sets.items():
        side = re.fullmatch(r"_(.*)_S(\d)", name)
        number, size = 0, 0.0
        for start, cells, chosen in zip(starts, m.cells, blocks):
            if chosen is None or len(chosen) == 0:
                continue
            number += len(chosen)
            if side:
                shape = next(k for k in ABAQUS_FACES if cells.type.startswith(k))
                face = list(ABAQUS_FACES[shape][int(side[2]) - 1])
                size += sum(polygon(m.points[cells.data[e][face]]) for e in chosen)
            else:
                size += volume[start + np.asarray(chosen)].sum()
        before = facts["groups"].get(side[1] if side else name, [0, 0.0])
        facts["groups"][side[1] if side else name] = [before[0] + number, float(before[1] + size)]
    text = open(path).read()
    facts["surfaces"] = re.findall(r"\*SURFACE, TYPE=ELEMENT, NAME=(\S+)", text)
    return facts


# The edges on which the nodes after the corners lie (MSC Nastran Quick Reference Guide).
BDF_EDGES = {"CTETRA": (4, [(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)]),
             "CHEXA": (8, [(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 5), (2, 6), (3, 7), (4, 5), (5, 6), (6, 7), (7, 4)]),
             "CPENTA": (6, [(0, 1), (1, 2), (2, 0), (0, 3), (1, 4), (2, 5), (3, 4), (4, 5), (5, 3)]),
             "CPYRAM": (5, [(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 4), (2, 4), (3, 4)]),
             "CTRIA6": (3, [(0, 1), (1, 2), (2, 0)]), "CQUAD8": (4, [(0, 1), (1, 2), (2, 3), (3, 0)])}
# The cells of VTK by the element and its number of nodes, and the order of nodes where it is another: VTK has the edges of the top
# before those between.
BDF_CELLS = {("CTETRA", 4): (10, None), ("CTETRA", 10): (24, None), ("CHEXA", 8): (12, None), ("CPENTA", 6): (13, None),
             ("CPYRAM", 5): (14, None), ("CPYRAM", 13): (27, None), ("CTRIA3", 3): (5, None), ("CTRIA6", 6): (22, None),
             ("CQUAD4", 4): (9, None), ("CQUAD8", 8): (23, None),
             ("CHEXA", 20): (25, [*range(12), *range(16, 20), *range(12, 16)]),
             ("CPENTA", 15): (26, [*range(9), *range(12, 15), *range(9, 12)])}
BDF_SHAPES = {"CTETRA": "tetrahedron", "CHEXA": "hexahedron", "CPENTA": "prism", "CPYRAM": "pyramid"}


def read_bdf(path):
    model = BDF(debug=False, log=None, mode="msc")
    model.read_bdf(path, xref=False, punch=False, validate=False)
    model.cross_reference(xref_properties=False, xref_masses=False, xref_materials=False, xref_loads=False, xref_constraints=False,
                          xref_aero=False, xref_sets=False, xref_optimization=False, xref_nodes_with_elements=False)
    names = {int(tag): name for tag, name in re.findall(r'^\$HMNAME PROP +(\d+)"(.*)"$', open(path).read(), re.M)}
    # pyNastran's own measure knows corners alone, and irregular hexahedra roughly: VTK's shape functions take its place
    place = {tag: i for i, tag in enumerate(model.nodes)}
    cells, types = [], []
    for e in model.elements.values():
        cell, order = BDF_CELLS[e.type, len(e.nodes)]
        cells += [len(e.nodes)] + [place[n] for n in (e.nodes if order is None else [e.nodes[k] for k in order])]
        types.append(cell)
    volume, area = measures(pv.UnstructuredGrid(cells, types, np.array([n.get_position() for n in model.nodes.values()])))
    groups, counts, total, least, strayed = {}, [], 0.0, np.inf, 0.0
    for e, solid, face in zip(model.elements.values(), volume, area):
        g = groups.setdefault(names[e.pid], [0, 0.0])
        g[0] += 1
        if e.type in BDF_SHAPES:
            counts.append(BDF_SHAPES[e.type])
            total += solid
            least = min(least, solid)
            g[1] += solid
        else:
            g[1] += face
        corners, edges = BDF_EDGES.get(e.type, (0, []))
        if len(e.nodes) > corners > 0:
            at = np.array([n.get_position() for n in e.nodes_ref])
            for middle, (a, b) in zip(at[corners:], edges, strict=True):
                strayed = max(strayed, np.linalg.norm(middle - (at[a] + at[b]) / 2) / np.linalg.norm(at[a] - at[b]))
    return {"counts": count(counts), "volume": float(total), "least": float(least), "strayed": float(strayed),
            "groups": {k: [n, float(v)] for k, (n, v) in groups.items()},
            "node_groups": {str(k): len(s.ids) for k, s in model.sets.items()}}


def read_su2(path):
    with contextlib.redirect_stdout(io.StringIO()):
        m = meshio.read(path)
    facts = of_meshio(m)
    tags = re.findall(r"^MARKER_TAG= (.*)\nMARKER_ELEMS= (\d+)$", open(path).read(), re.M)
    areas = {}
    for block, tag in zip(m.cells, m.cell_data["su2:tag"]):
        if block.type in ("triangle", "quad"):
            for nodes, t in zip(block.data, tag):
                areas.setdefault(int(t), []).append(polygon(m.points[nodes]))
    facts["groups"] = {name: [len(areas[i + 1]), float(sum(areas[i + 1]))] for i, (name, _) in enumerate(tags)}
    assert all(len(areas[i + 1]) == int(n) for i, (_, n) in enumerate(tags))
    return facts


def read_cgns(path):
    reader = vtk.vtkCGNSReader()
    reader.SetFileName(path)
    reader.UpdateInformation()
    reader.EnableAllBases()
    reader.EnableAllFamilies()
    reader.Update()
    grid = pv.wrap(reader.GetOutput()).combine()
    facts = of_grid(grid)
    shapes = {10: "tetrahedron", 11: "tetrahedron", 30: "tetrahedron", 12: "pyramid", 13: "pyramid", 14: "prism", 16: "prism", 17: "hexahedron", 19: "hexahedron"}
    groups = {}
    with h5py.File(path) as file:
        base = next(v for v in file.values() if isinstance(v, h5py.Group) and v.attrs["label"] == b"CGNSBase_t")
        def sections(name, item):
            if isinstance(item, h5py.Group) and item.attrs.get("label") == b"Family_t":
                for alias in item.values():
                    if isinstance(alias, h5py.Group) and alias.attrs["label"] == b"FamilyName_t":
                        family = name.split("/")[-1]
                        zone = next(v for v in base.values() if isinstance(v, h5py.Group) and v.attrs["label"] == b"Zone_t")
                        first, end = np.ravel(zone["ZoneBC"][family]["PointRange"][" data"][()])
                        groups[bytes(alias[" data"][()].astype(np.uint8)).decode()] = [int(end - first + 1), 0]
        base.visititems(sections)
    facts["groups"] = groups
    return facts


def read_med(path):
    with contextlib.redirect_stdout(io.StringIO()):
        m = meshio.read(path)
    for block in m.cells:  # faces of a hexahedron: MED goes around the sides, VTK takes opposite ones
        if block.type == "hexahedron27":
            block.data[:, 20:26] = block.data[:, [24, 22, 21, 23, 20, 25]]
    facts = of_grid(pv.from_meshio(m), sign=-1)  # MED's volumes are left-handed
    volume, area = measures(pv.from_meshio(m))
    volume = -volume
    tags = np.concatenate([np.asarray(t) for t in m.cell_data["cell_tags"]])
    solid = np.concatenate([np.full(len(c.data), shape_of(c.type) is not None) for c in m.cells])
    facts["groups"] = {}
    for tag, names in m.cell_tags.items():
        cells = tags == tag
        for name in names:
            g = facts["groups"].setdefault(name, [0, 0.0])
            g[0] += int(cells.sum())
            g[1] += float(volume[cells & solid].sum() + area[cells & ~solid].sum())
    return facts


def check_foam(case):
    done = subprocess.run(["checkMesh", "-allTopology"], cwd=case, env=FOAM, capture_output=True, text=True)
    text = done.stdout + done.stderr
    patches = dict(re.findall(r"^ +(\S+) +(\d+) +\d+ +ok", text.split("Checking patch topology")[-1].split("Checking geometry")[0], re.M))
    volume = re.search(r"Total volume = ([0-9.eE+-]+)\.", text)
    cells = dict(re.findall(r"^    (hexahedra|prisms|pyramids|tetrahedra|polyhedra): +(\d+)$", text, re.M))
    zones = {n: [int(c), float(v)] for n, c, v in re.findall(r"^ +(\S+) +(\d+) +\d+ +([0-9.eE+-]+) +\(", text.split("Checking basic cellZone addressing")[-1], re.M)} \
        if "Checking basic cellZone addressing" in text else {}
    return {"ok": "Mesh OK." in text, "volume": float(volume[1]) if volume else 0, "patches": {k: int(v) for k, v in patches.items()},
            "counts": {{"hexahedra": "hexahedron", "prisms": "prism", "pyramids": "pyramid", "tetrahedra": "tetrahedron", "polyhedra": "polyhedron"}[k]: int(v)
                       for k, v in cells.items() if int(v)}, "zones": zones, "text": "" if "Mesh OK." in text else text[-3000:]}


def new_case(folder):
    os.makedirs(os.path.join(folder, "system"))
    with open(os.path.join(folder, "system", "controlDict"), "w") as f:
        f.write("FoamFile { version 2.0; format ascii; class dictionary; object controlDict; }\napplication checkMesh; startFrom startTime; "
                "startTime 0; stopAt endTime; endTime 1; deltaT 1; writeControl timeStep; writeInterval 1;\n")
    for name in ("fvSchemes", "fvSolution"):
        with open(os.path.join(folder, "system", name), "w") as f:
            f.write("FoamFile { version 2.0; format ascii; class dictionary; object %s; }\n" % name)
            if name == "fvSchemes":
                f.write("".join(s + "Schemes { default none; }\n" for s in ("ddt", "grad", "div", "laplacian", "interpolation", "snGrad")))


def foam_patches(case):
    """Faces and area of each patch, as VTK reads the case."""
    open(os.path.join(case, "case.foam"), "w").close()
    reader = pv.OpenFOAMReader(os.path.join(case, "case.foam"))
    reader.enable_all_patch_arrays()
    patches = reader.read()["boundary"]
    return {name: [patches[name].n_cells, float(patches[name].area)] for name in patches.keys()}


def read_openfoam(path):
    with tempfile.TemporaryDirectory() as case:
        new_case(case)
        shutil.unpack_archive(path, case, "zip")
        facts = check_foam(case)
        facts["groups"] = foam_patches(case) | facts.pop("zones")
        zones = open(os.path.join(case, "constant", "polyMesh", "faceZones")).read()
        facts["face_zones"] = {n: int(c) for n, c in re.findall(r"^(\S+)\n\{\n    type faceZone;\n    faceLabels List<label>\n(\d+)", zones, re.M)}
    return facts


def read_fluent(path):
    reader = vtk.vtkFLUENTReader()
    reader.SetFileName(path)
    reader.Update()
    blocks = pv.wrap(reader.GetOutput())
    solids = {name.removesuffix(":fluid"): blocks[name] for name in blocks.keys() if name.endswith(":fluid")}
    facts = of_grid(pv.MultiBlock(list(solids.values())).combine())
    facts["groups"] = {n: [b.n_cells, float(measures(b)[0].sum())] for n, b in solids.items()}
    walls = {name.removesuffix(":wall"): blocks[name].n_cells for name in blocks.keys() if name.endswith(":wall")}
    facts["interior"] = [name.removesuffix(":interior") for name in blocks.keys() if name.endswith(":interior")]
    with tempfile.TemporaryDirectory() as case:
        new_case(case)
        done = subprocess.run(["fluent3DMeshToFoam", os.path.abspath(path)], cwd=case, env=FOAM, capture_output=True, text=True)
        if done.returncode != 0:
            return {"ok": False, "text": (done.stdout + done.stderr)[-2000:]}
        converted = check_foam(case)
        patches = foam_patches(case)
        assert {name: n for name, (n, _) in patches.items()} == walls, (patches, walls)
        assert {name: facts["groups"][name][0] for name in solids} == {name: n for name, (n, _) in converted["zones"].items()}
        facts["groups"] |= patches
        facts |= {key: converted[key] for key in ("ok", "text")}
    return facts


def read_glb(path):
    data = open(path, "rb").read()
    length, = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20:20 + length])
    reader = vtk.vtkGLTFReader()
    reader.SetFileName(path)
    reader.ApplyDeformationsToGeometryOn()
    reader.Update()
    surface = pv.wrap(reader.GetOutput()).combine().extract_surface().clean()
    named = {n["name"]: [document["nodes"][c]["extras"]["entity"] for c in n["children"]]
             for n in document["nodes"] if n.get("children") and n["name"] != "mesh"}
    return {"triangles": surface.n_cells, "volume": float(surface.volume), "area": float(surface.area), "named": named,
            "faces": sorted(n["extras"]["entity"] for n in document["nodes"] if "mesh" in n), "bounds": [float(b) for b in surface.bounds]}


READERS = {"msh": read_msh, "msh2": read_gmsh, "vtk": read_vtk, "vtu": read_vtk, "stl": read_stl, "unv": read_unv, "inp": read_inp, "bdf": read_bdf,
           "su2": read_su2, "cgns": read_cgns, "med": read_med, "fluent": read_fluent, "openfoam": read_openfoam, "glb": read_glb}


def main():
    import time
    asked = json.load(sys.stdin)
    gmsh.initialize(interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    answer = {}
    for case, files in asked.items():
        answer[case] = {}
        for name, path in files.items():
            began = time.time()
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    answer[case][name] = READERS[name](path)
            except (Exception, SystemExit) as problem:
                import traceback
                answer[case][name] = {"error": "".join(traceback.format_exception(problem)[-3:])}
            answer[case][name]["seconds"] = time.time() - began
    json.dump(answer, sys.stdout)


main()
