"""Makes the STEP files of ducts that the tests of boundary layers mesh: python3 ducts.py, or python3 ducts.py rod for one of them, with gmsh
4.15.2 installed.

All lengths are in mm. Faces are listed as "inlet", "outlet" or wall by where they are; the tests find them by the tags that
the files give.
"""
import math
import sys

import gmsh

occ = gmsh.model.occ


def write(name, make):
    gmsh.initialize()
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.model.add(name)
    make()
    occ.synchronize()
    gmsh.write(name + ".step")
    gmsh.clear()
    occ.importShapes(name + ".step")
    occ.synchronize()
    for _, tag in gmsh.model.getEntities(2):
        print(name, "face", tag, gmsh.model.getType(2, tag), [round(x, 3) for x in occ.getCenterOfMass(2, tag)])
    gmsh.finalize()


def pipe():
    occ.addCylinder(0, 0, 0, 40, 0, 0, 10)


def elbow():
    """A straight end of 15, a quarter of a torus of radius 25, another straight end; the pipe's radius is 10."""
    disk = occ.addDisk(0, 0, 0, 10, 10)
    lower = occ.extrude([(2, disk)], 0, 0, 15)
    bend = occ.revolve([lower[0]], 25, 0, 15, 0, 1, 0, math.pi / 2)
    upper = occ.extrude([bend[0]], 15, 0, 0)
    solids = [e for part in (lower, bend, upper) for e in part if e[0] == 3]
    occ.fuse(solids[:1], solids[1:])


def tee():
    occ.fuse([(3, occ.addCylinder(-30, 0, 0, 60, 0, 0, 10))], [(3, occ.addCylinder(0, 0, 0, 0, 30, 0, 8))])


def gap():
    """A channel 40 long and 20 high that narrows to a slit 1.5 high in its middle."""
    channel = occ.addBox(0, 0, 0, 40, 20, 20)
    sill = occ.addBox(15, 0, 0, 10, 20, 18.5)
    occ.cut([(3, channel)], [(3, sill)])


def slanted():
    """A pipe cut at 45 degrees at one end."""
    cylinder = occ.addCylinder(0, 0, 0, 40, 0, 0, 10)
    box = occ.addBox(0, -20, -20, 60, 40, 40)
    occ.rotate([(3, box)], 0, 0, 0, 0, 0, 1, math.pi / 4)
    occ.translate([(3, box)], 25, 0, 0)
    occ.cut([(3, cylinder)], [(3, box)])


def two_boxes():
    """Two boxes that touch in a face: for what has several solids, no duct."""
    occ.addBox(0, 0, 0, 10, 10, 10)
    occ.addBox(10, 0, 0, 20, 10, 10)


def frame():
    """A plate with a frame on it whose walls are a hundredth of its width: for faces that are nearly all hole, no duct."""
    occ.addBox(-15, -15, 0, 30, 30, 2)
    outer = occ.addBox(-10, -10, 2, 20, 20, 3)
    inner = occ.addBox(-9.8, -9.8, 2, 19.6, 19.6, 3)
    occ.cut([(3, outer)], [(3, inner)])


def rod():
    """A rod two hundred times as long as thick: for faces that are meshed in rows, no duct."""
    occ.addCylinder(0, 0, 0, 400, 0, 0, 1)


def needle():
    """A needle on a plate: for sizes that are of one face alone, no duct."""
    plate = occ.addBox(0, 0, 0, 40, 40, 4)
    cone = occ.addCone(20, 20, 4, 0, 0, 25, 1, 0)
    occ.fuse([(3, plate)], [(3, cone)])


def clip():
    """A shaft with half a ring in its groove: for a face that a cut turns around, no duct."""
    end = occ.addCylinder(0, 0, 0, 0, 0, 1, 7)
    groove = occ.addCylinder(0, 0, 1, 0, 0, 1, 6)
    shaft = occ.addCylinder(0, 0, 2, 0, 0, 6, 7)
    occ.fuse([(3, end)], [(3, groove), (3, shaft)])
    outer = occ.addCylinder(0, 0, 1, 0, 0, 1, 9)
    inner = occ.addCylinder(0, 0, 1, 0, 0, 1, 6)
    ring, _ = occ.cut([(3, outer)], [(3, inner)])
    half = occ.addBox(-10, -10, 0, 20, 9.9, 3)
    occ.intersect(ring, [(3, half)])


makers = [pipe, elbow, tee, gap, slanted, two_boxes, frame, rod, needle, clip]
for make in makers:
    if len(sys.argv) < 2 or make.__name__ in sys.argv[1:]:
        write(make.__name__, make)
