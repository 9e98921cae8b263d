"""Makes parts that try a mesher, in STEP and some in BREP too: python make.py DIRECTORY [NAME…]. Fails where one could not be made."""
import math, random, sys, traceback
import gmsh

occ = gmsh.model.occ
PARTS = {}


def part(f):
    PARTS[f.__name__.strip("_")] = f
    return f


def cut(a, b): return occ.cut(a, b)[0]
def fuse(a, b): return occ.fuse(a, b)[0]
def box(x, y, z, a, b, c): return [(3, occ.addBox(x, y, z, a, b, c))]
def ball(x, y, z, r): return [(3, occ.addSphere(x, y, z, r))]
def rod(x, y, z, dx, dy, dz, r): return [(3, occ.addCylinder(x, y, z, dx, dy, dz, r))]


def wire_pipe(points, r, bspline=False):
    tags = [occ.addPoint(*p) for p in points]
    c = occ.addBSpline(tags) if bspline else occ.addSpline(tags)
    w = occ.addWire([c])
    d = [points[1][k] - points[0][k] for k in range(3)]
    disk = occ.addDisk(*points[0], r, r, zAxis=d)
    out = occ.addPipe([(2, disk)], w, "DiscreteTrihedron")
    occ.remove([(2, disk)], True)
    return out


# ellipsoids and ellipses
def ellipsoid(a, b, c):
    s = ball(0, 0, 0, 1)
    occ.dilate(s, 0, 0, 0, a, b, c)

@part
def ellipsoid_flat(): ellipsoid(50, 50, 1)
@part
def ellipsoid_needle(): ellipsoid(1, 1, 60)
@part
def ellipsoid_three(): ellipsoid(40, 10, 1)
@part
def ellipsoid_flat_x(): ellipsoid(1, 50, 50)
@part
def ellipsoid_mild(): ellipsoid(3, 2, 1)


def elliptic(a, b, h):
    c = occ.addEllipse(0, 0, 0, a, b)
    f = occ.addPlaneSurface([occ.addCurveLoop([c])])
    occ.extrude([(2, f)], 0, 0, h)

@part
def ellipse_50(): elliptic(50, 1, 10)
@part
def ellipse_50_long(): elliptic(50, 1, 200)
@part
def ellipse_plate(): elliptic(50, 25, 1)
@part
def lens():
    a = ball(0, 0, 98, 100)
    occ.intersect(a, ball(0, 0, -98, 100))
@part
def lens_thin():
    occ.intersect(ball(0, 0, 999.5, 1000), ball(0, 0, -999.5, 1000))
@part
def half_ellipsoid():
    s = ball(0, 0, 0, 1)
    occ.dilate(s, 0, 0, 0, 60, 40, 2)
    cut(s, box(-100, -100, -10, 200, 200, 10))


# rods, springs, threads
@part
def rod_20000(): rod(0, 0, 0, 20000, 0, 0, 0.5)
@part
def rod_2000(): rod(0, 0, 0, 2000, 0, 0, 0.5)
@part
def strip_long(): box(0, 0, 0, 10000, 1, 0.2)
@part
def tube_long(): cut(rod(0, 0, 0, 5000, 0, 0, 5), rod(0, 0, 0, 5000, 0, 0, 4.5))
@part
def square_tube(): cut(box(0, 0, 0, 3000, 40, 40), box(0, 2, 2, 3000, 36, 36))
@part
def spring():
    n = 12
    wire_pipe([(10 * math.cos(t), 10 * math.sin(t), 4 * t / 2 / math.pi) for t in [2 * math.pi * i / n for i in range(8 * n + 1)]], 1)
@part
def spring_conical():
    n = 12
    pts = []
    for i in range(6 * n + 1):
        t = 2 * math.pi * i / n
        r = 20 - 1.5 * t / math.pi / 2 * 2
        pts.append((r * math.cos(t), r * math.sin(t), 3 * t / math.pi))
    wire_pipe(pts, 1.2)
@part
def clip_wire():
    wire_pipe([(0, 0, 0), (10, 5, 0), (20, 0, 5), (30, -8, 10), (40, 0, 0), (60, 20, -10), (90, 0, 0)], 0.8, True)
@part
def thread():
    core = rod(0, 0, -2, 0, 0, 24, 4.2)
    n = 24
    turns = 8
    pts = [occ.addPoint(4.5 * math.cos(2 * math.pi * i / n), 4.5 * math.sin(2 * math.pi * i / n), 2 + 1.75 * i / n) for i in range(turns * n + 1)]
    w = occ.addWire([occ.addSpline(pts)])
    tri = [occ.addPoint(4.0, 0, 2 - .6), occ.addPoint(5.2, 0, 2 - .1), occ.addPoint(5.2, 0, 2 + .1), occ.addPoint(4.0, 0, 2 + .6)]
    f = occ.addPlaneSurface([occ.addCurveLoop([occ.addLine(tri[i], tri[(i + 1) % 4]) for i in range(4)])])
    p = occ.addPipe([(2, f)], w, "Frenet")
    occ.remove([(2, f)], True)
    fuse(core, p)
@part
def screw_grooves():
    b = rod(0, 0, 0, 0, 0, 60, 6)
    rings = [(3, occ.addTorus(0, 0, z, 6.2, 0.6)) for z in [3 + 1.5 * i for i in range(36)]]
    cut(b, rings)


# gears, plates, heat sinks
@part
def gear():
    n, pts = 32, []
    for i in range(n):
        for k, r in ((0, 28), (.25, 28), (.38, 33), (.62, 33), (.75, 28)):
            a = 2 * math.pi * (i + k) / n
            if k == 0: continue
            pts.append(occ.addPoint(r * math.cos(a), r * math.sin(a), 0))
    f = occ.addPlaneSurface([occ.addCurveLoop([occ.addLine(pts[i], pts[(i + 1) % len(pts)]) for i in range(len(pts))])])
    g = [e for e in occ.extrude([(2, f)], 0, 0, 10) if e[0] == 3]
    g = cut(g, rod(0, 0, -1, 0, 0, 12, 6) + box(-1.5, 0, -1, 3, 8, 12))
    cut(g, [(3, occ.addCylinder(17 * math.cos(a), 17 * math.sin(a), -1, 0, 0, 12, 4)) for a in [i * math.pi / 3 for i in range(6)]])
@part
def gear_helical():
    n, pts = 20, []
    for i in range(n):
        for k, r in ((.25, 18), (.40, 22), (.60, 22), (.75, 18)):
            a = 2 * math.pi * (i + k) / n
            pts.append(occ.addPoint(r * math.cos(a), r * math.sin(a), 0))
    lines = [occ.addLine(pts[i], pts[(i + 1) % len(pts)]) for i in range(len(pts))]
    w = occ.addCurveLoop(lines)
    loops = [w]
    for s in (1, 2):
        c = occ.copy([(1, l) for l in lines])
        occ.translate(c, 0, 0, 6 * s)
        occ.rotate(c, 0, 0, 0, 0, 0, 1, .15 * s)
        loops.append(occ.addCurveLoop([t for _, t in c]))
    g = [e for e in occ.addThruSections(loops, makeSolid=True) if e[0] == 3]
    cut(g, rod(0, 0, -1, 0, 0, 20, 7))
@part
def plate_200():
    cut(box(0, 0, 0, 210, 110, 3), [(3, occ.addCylinder(10 + 10 * i, 10 + 10 * k, -1, 0, 0, 5, 3)) for i in range(20) for k in range(10)])
@part
def plate_400_small():
    cut(box(0, 0, 0, 210, 210, 1), [(3, occ.addCylinder(10 + 10 * i, 10 + 10 * k, -1, 0, 0, 5, .5)) for i in range(20) for k in range(20)])
@part
def heat_sink():
    b = box(0, 0, 0, 100, 60, 5)
    fuse(b, [(3, occ.addBox(2 + 4 * i, 0, 4, 1, 60, 31)) for i in range(24)])
@part
def pin_sink():
    b = box(0, 0, 0, 60, 60, 4)
    fuse(b, [(3, occ.addCylinder(5 + 5 * i, 5 + 5 * k, 3, 0, 0, 21, 1)) for i in range(11) for k in range(11)])
@part
def comb():
    b = box(0, 0, 0, 200, 20, 2)
    cut(b, [(3, occ.addBox(2 + 2 * i, 5, -1, 1, 20, 4)) for i in range(98)])


# lattices and high genus
def struts(n, cell, r, diagonal=False, balls=False):
    out = []
    pts = [(i, j, k) for i in range(n + 1) for j in range(n + 1) for k in range(n + 1)]
    s = set(pts)
    for p in pts:
        for d in ((1, 0, 0), (0, 1, 0), (0, 0, 1)) + (((1, 1, 1),) if diagonal else ()):
            q = tuple(p[t] + d[t] for t in range(3))
            if q in s:
                out += rod(*(cell * x for x in p), *(cell * x for x in d), r)
    if balls:
        for p in pts: out += ball(*(cell * x for x in p), 1.8 * r)
    return fuse(out[:1], out[1:])

@part
def lattice_48(): struts(3 - 1, 10, 1)  # 54
@part
def lattice_balls(): struts(2, 10, 1, balls=True)
@part
def lattice_diagonal(): struts(2, 10, .8, diagonal=True)
@part
def lattice_144(): struts(3, 10, 1)
@part
def sponge():
    b = box(0, 0, 0, 27, 27, 27)
    holes = []
    for i in range(3):
        for k in range(3):
            for ax in range(3):
                o = [0, 0, 0]; s = [3, 3, 3]
                o[ax] = -1; s[ax] = 29
                o[(ax + 1) % 3], o[(ax + 2) % 3] = 3 + 9 * i, 3 + 9 * k
                holes += box(*o, *s)
    cut(b, holes)
@part
def ball_holes():
    b = ball(0, 0, 0, 20)
    random.seed(3)
    for _ in range(12):
        a, h = random.uniform(0, 2 * math.pi), random.uniform(-14, 14)
        b = cut(b, rod(-30 * math.cos(a), -30 * math.sin(a), h, 60 * math.cos(a), 60 * math.sin(a), 0, 1))


# fillets, chamfers, shells
def all_edges(v): return [abs(t) for d, t in gmsh.model.getBoundary(gmsh.model.getBoundary(v, oriented=False), combined=False, oriented=False)]

@part
def fillet_box():
    b = box(0, 0, 0, 60, 40, 20)
    occ.synchronize()
    e = sorted({abs(t) for d, t in gmsh.model.getEntities(1)})
    occ.fillet([b[0][1]], e, [4])
@part
def fillet_mixed():
    b = box(0, 0, 0, 60, 40, 20)
    occ.synchronize()
    e = sorted({abs(t) for d, t in gmsh.model.getEntities(1)})
    occ.fillet([b[0][1]], e, [1 + .4 * i for i in range(len(e))])
@part
def fillet_tiny():
    b = box(0, 0, 0, 100, 80, 50)
    occ.synchronize()
    occ.fillet([b[0][1]], sorted({t for d, t in gmsh.model.getEntities(1)}), [0.05])
@part
def chamfer_box():
    b = box(0, 0, 0, 60, 40, 20)
    occ.synchronize()
    e = [t for d, t in gmsh.model.getEntities(1)]
    f = [gmsh.model.getAdjacencies(1, t)[0][0] for t in e]
    occ.chamfer([b[0][1]], e, f, [3])
@part
def fillet_boss():
    b = fuse(box(0, 0, 0, 60, 40, 8), rod(30, 20, 6, 0, 0, 20, 8) + box(0, 0, 0, 8, 40, 30))
    occ.synchronize()
    ok = []
    for d, t in gmsh.model.getEntities(1):
        bb = gmsh.model.getBoundingBox(1, t)
        if bb[2] > 7.9 and bb[5] < 8.1: ok.append(t)
    occ.fillet([b[0][1]], ok[:1] if len(ok) else [], [3])
@part
def shell_ball(): cut(ball(0, 0, 0, 50), ball(0, 0, 0, 49.5))
@part
def cup():
    b = [(3, occ.addCone(0, 0, 0, 0, 0, 90, 30, 40))]
    cut(b, [(3, occ.addCone(0, 0, .8, 0, 0, 100, 29.3, 40.4))])
@part
def pipe_bend_thin():
    w = occ.addWire([occ.addSpline([occ.addPoint(*p) for p in ((0, 0, 0), (0, 0, 50), (30, 0, 80), (90, 30, 90))])])
    d = occ.addDisk(0, 0, 0, 10, 10); d2 = occ.addDisk(0, 0, 0, 9.5, 9.5)
    ring = cut([(2, d)], [(2, d2)])
    occ.addPipe(ring, w, "DiscreteTrihedron")
    occ.remove(ring, True)
@part
def sheet():
    a = box(0, 0, 0, 300, 200, 0.5)
    b = box(0, 0, 0, .5, 200, 40)
    c = box(299.5, 0, 0, .5, 200, 40)
    f = fuse(a, b + c)
    cut(f, rod(100, 100, -1, 0, 0, 3, 30) + box(180, 50, -1, 60, 100, 3))
@part
def sheet_very_thin(): box(0, 0, 0, 1000, 1000, 0.1)
@part
def disc_thin(): rod(0, 0, 0, 0, 0, 0.1, 200)
@part
def ring_thin(): cut(rod(0, 0, 0, 0, 0, 2, 200), rod(0, 0, -1, 0, 0, 4, 199.8))
@part
def honeycomb():
    b = box(0, 0, 0, 100, 100, 10)
    tools = []
    R, w = 4.2, 0.5
    dx = math.sqrt(3) * R
    pts0 = [(R * math.sin(k * math.pi / 3), R * math.cos(k * math.pi / 3)) for k in range(6)]
    s = (R - w / math.sqrt(3)) / R
    for i in range(12):
        for k in range(14):
            x, y = 6 + dx * (i + (k % 2) / 2), 6 + 1.5 * R * k
            if x > 94 or y > 94: continue
            p = [occ.addPoint(x + s * a, y + s * b_, -1) for a, b_ in pts0]
            f = occ.addPlaneSurface([occ.addCurveLoop([occ.addLine(p[q], p[(q + 1) % 6]) for q in range(6)])])
            tools += [e for e in occ.extrude([(2, f)], 0, 0, 12) if e[0] == 3]
    cut(b, tools)


# lofts and sweeps
@part
def loft():
    def sq(z, a, r=0):
        p = [occ.addPoint(a * math.cos(r + k * math.pi / 2), a * math.sin(r + k * math.pi / 2), z) for k in range(4)]
        return occ.addCurveLoop([occ.addLine(p[k], p[(k + 1) % 4]) for k in range(4)])
    occ.addThruSections([sq(0, 10), sq(20, 6, .4), sq(40, 12, .8), sq(50, 3, 1)], makeSolid=True)
@part
def loft_round():
    loops = [occ.addCurveLoop([occ.addCircle(x, 0, z, r)]) for x, z, r in ((0, 0, 10), (3, 15, 4), (0, 30, 8), (-6, 45, 2))]
    occ.addThruSections(loops, makeSolid=True)
@part
def wing():
    def foil(z, c, x0):
        n = 24
        up, lo = [], []
        for i in range(n + 1):
            x = .5 * (1 - math.cos(math.pi * i / n))
            y = .6 * (.2969 * math.sqrt(x) - .126 * x - .3516 * x * x + .2843 * x ** 3 - .1036 * x ** 4)
            up.append((x, y)); lo.append((x, -y))
        P = lambda q: occ.addPoint(x0 + c * q[0], c * q[1], z)
        a, b = P(up[0]), P(up[-1])
        s1 = occ.addSpline([a] + [P(q) for q in up[1:-1]] + [b])
        s2 = occ.addSpline([b] + [P(q) for q in reversed(lo[1:-1])] + [a])
        return occ.addCurveLoop([s1, s2])
    occ.addThruSections([foil(0, 100, 0), foil(400, 40, 60)], makeSolid=True)
@part
def blade_twist():
    loops = []
    for i in range(5):
        a, z = .25 * i, 30 * i
        c = occ.addEllipse(0, 0, z, 20 - 2 * i, 1.2)
        occ.rotate([(1, c)], 0, 0, 0, 0, 0, 1, a)
        loops.append(occ.addCurveLoop([c]))
    occ.addThruSections(loops, makeSolid=True)
@part
def propeller():
    hub = rod(0, 0, -10, 0, 0, 20, 10)
    blades = []
    for b in range(4):
        loops = []
        for i in range(4):
            c = occ.addEllipse(0, 0, 5 + 15 * i, 8 + 2 * i - .8 * i * i, .8)
            occ.rotate([(1, c)], 0, 0, 0, 0, 0, 1, .6 - .15 * i)
            occ.rotate([(1, c)], 0, 0, 0, 0, 1, 0, math.pi / 2)
            occ.rotate([(1, c)], 0, 0, 0, 0, 0, 1, b * math.pi / 2)
            loops.append(occ.addCurveLoop([c]))
        blades += [e for e in occ.addThruSections(loops, makeSolid=True) if e[0] == 3]
    fuse(hub, blades)


# contacts, apexes, poles
@part
def tangent_cylinders(): fuse(rod(0, 0, 0, 0, 0, 30, 10), rod(20, 0, 0, 0, 0, 30, 10) + box(-10, -10, -5, 40, 20, 6))
@part
def tangent_ball_box(): cut(box(0, 0, 0, 20, 20, 20), ball(10, 10, 10, 10))
@part
def tangent_near(): cut(box(0, 0, 0, 20, 20, 20), ball(10, 10, 10, 9.99))
@part
def steinmetz(): fuse(rod(-30, 0, 0, 60, 0, 0, 10), rod(0, -30, 0, 0, 60, 0, 10))
@part
def steinmetz_cut(): occ.intersect(rod(-30, 0, 0, 60, 0, 0, 10), rod(0, -30, 0, 0, 60, 0, 10))
@part
def cone_apex(): occ.addCone(0, 0, 0, 0, 0, 40, 10, 0)
@part
def cone_needle(): occ.addCone(0, 0, 0, 0, 0, 400, 5, 0)
@part
def cones_tip(): fuse([(3, occ.addCone(0, 0, 0, 0, 0, 40, 10, 0.0))], [(3, occ.addCone(0, 0, 39, 0, 0, 40, 0.5, 10))])
@part
def cone_flat(): occ.addCone(0, 0, 0, 0, 0, 1, 60, 0)
@part
def ball_poles(): cut(ball(0, 0, 0, 20), box(-30, -30, 18, 60, 60, 20) + box(-30, -30, -38, 60, 60, 20))
@part
def ball_pole_hole(): cut(ball(0, 0, 0, 20), rod(0, 0, -30, 0, 0, 60, 0.2))
@part
def dome():
    d = cut(ball(0, 0, 0, 100), ball(0, 0, 0, 99))
    cut(d, box(-200, -200, -200, 400, 400, 200))
@part
def torus_thin(): occ.addTorus(0, 0, 0, 100, 0.5)
@part
def torus_spindle(): occ.addTorus(0, 0, 0, 10, 9.99)
@part
def torus_horn():
    p = occ.addPoint(10, 0, 0)
    c = occ.addCircle(10, 0, 0, 9.9)
    f = occ.addPlaneSurface([occ.addCurveLoop([c])])
    occ.rotate([(2, f)], 10, 0, 0, 1, 0, 0, math.pi / 2)
    occ.revolve([(2, f)], 0, 0, 0, 0, 0, 1, 1.5 * math.pi)
@part
def vase():
    p = [(0, 0), (12, 2), (18, 15), (8, 35), (10, 50)]
    t = [occ.addPoint(x, 0, z) for x, z in p]
    top = occ.addPoint(0, 0, 50)
    s = occ.addBSpline(t)
    l1 = occ.addLine(t[-1], top); l2 = occ.addLine(top, t[0])
    f = occ.addPlaneSurface([occ.addCurveLoop([s, l1, l2])])
    occ.revolve([(2, f)], 0, 0, 0, 0, 0, 1, 2 * math.pi)
@part
def wedge_sharp():
    p = [occ.addPoint(*q) for q in ((0, 0, 0), (100, 0, 0), (100, 2, 0))]
    f = occ.addPlaneSurface([occ.addCurveLoop([occ.addLine(p[0], p[1]), occ.addLine(p[1], p[2]), occ.addLine(p[2], p[0])])])
    occ.extrude([(2, f)], 0, 0, 50)


# scales
@part
def tiny_hole_big(): cut(box(0, 0, 0, 1000, 1000, 500), rod(500, 500, -1, 0, 0, 502, 0.05))
@part
def tiny_boss_big(): fuse(box(0, 0, 0, 1000, 800, 500), box(500, 400, 499, .1, .1, 1.1))
@part
def tiny_step(): fuse(box(0, 0, 0, 100, 100, 50), box(20, 20, 40, 50, 50, 10.01))
@part
def tiny_slit(): cut(box(0, 0, 0, 100, 100, 50), box(50, -1, 20, 0.02, 102, 40))
@part
def scratch(): cut(box(0, 0, 0, 100, 100, 50), rod(-1, 50, 50, 102, 0, 0, .05))
@part
def micro(): cut(box(0, 0, 0, .01, .01, .002), rod(.005, .005, -1, 0, 0, 2, .002))
@part
def drilled_block():
    cut(box(0, 0, 0, 100, 60, 40), [(3, occ.addCylinder(10 + 20 * i, -1, 20, 0, 62, 0, 4 - .5 * i)) for i in range(5)] + rod(-1, 30, 20, 102, 0, 0, 5) + [(3, occ.addCone(50, 30, 40, 0, 0, -15, 10, 0))])
@part
def random_boolean(seed=1, n=14, holes=10):
    random.seed(seed)
    R = random.uniform
    def prim(s):
        k = random.randrange(4)
        c = [R(0, 60) for _ in range(3)]
        if k == 0: o = box(*c, *(R(.5, 1) * s for _ in range(3)))
        elif k == 1: o = ball(*c, s * R(.3, .6))
        elif k == 2: o = rod(*c, *(R(-1, 1) * s for _ in range(3)), s * R(.15, .4))
        else: o = [(3, occ.addTorus(*c, s * .5, s * .15))]
        occ.rotate(o, *c, R(-1, 1), R(-1, 1), R(-1, 1), R(0, 3))
        return o
    a = box(0, 0, 0, 60, 60, 60)
    a = fuse(a, sum((prim(30) for _ in range(n)), []))
    cut(a, sum((prim(18) for _ in range(holes)), []))
for _s in range(2, 11):
    PARTS["random_boolean_%d" % _s] = (lambda s: lambda: random_boolean(s, 6 + s, 4 + 2 * s))(_s)


# assemblies and voids
@part
def assembly_20():
    for i in range(5):
        for k in range(4):
            a = box(20 * i, 20 * k, 0, 20, 20, 15)
            if (i + k) % 2:
                h = rod(20 * i + 10, 20 * k + 10, 0, 0, 0, 15, 5)
                cut(a, h)
@part
def assembly_pins():
    plate = box(0, 0, 0, 100, 60, 10)
    pos = [(15 + 17 * i, 15 + 30 * k) for i in range(5) for k in range(2)]
    plate = cut(plate, [(3, occ.addCylinder(x, y, -1, 0, 0, 12, 4)) for x, y in pos])
    for x, y in pos: rod(x, y, -10, 0, 0, 30, 4)
@part
def assembly_bearing():
    cut(rod(0, 0, 0, 0, 0, 10, 30), rod(0, 0, -1, 0, 0, 12, 24))
    cut(rod(0, 0, 0, 0, 0, 10, 16), rod(0, 0, -1, 0, 0, 12, 10))
    for i in range(10):
        a = i * math.pi / 5
        ball(20 * math.cos(a), 20 * math.sin(a), 5, 3.99)
@part
def assembly_nested():
    cut(box(0, 0, 0, 40, 40, 40), box(5, 5, 5, 30, 30, 30))
    cut(box(5, 5, 5, 30, 30, 30), ball(20, 20, 20, 10))
    ball(20, 20, 20, 10)
@part
def voids_nested():
    cut(box(0, 0, 0, 40, 40, 40), ball(10, 10, 10, 5) + ball(30, 30, 30, 6) + box(25, 5, 5, 8, 8, 8) + [(3, occ.addTorus(15, 28, 20, 7, 2))])
@part
def assembly_layers():
    for i, t in enumerate((1, .035, 1.5, .035, 1)):
        box(0, 0, sum((1, .035, 1.5, .035, 1)[:i]), 60, 40, t)
@part
def assembly_bolted():
    h = [(20, 20), (60, 20), (20, 40), (60, 40)]
    for z in (0, 6):
        cut(box(0, 0, z, 80, 60, 6), [(3, occ.addCylinder(x, y, z - 1, 0, 0, 8, 3.2)) for x, y in h])
    for x, y in h:
        fuse(rod(x, y, 0, 0, 0, 12, 3), rod(x, y, 12, 0, 0, 4, 6))
        cut(rod(x, y, -4, 0, 0, 4, 6), rod(x, y, -5, 0, 0, 6, 3))


def generate(directory, names):
    gmsh.initialize()
    gmsh.option.setNumber("General.Verbosity", 1)
    failed = 0
    for name, make in PARTS.items():
        if names and name not in names:
            continue
        gmsh.clear()
        gmsh.model.add(name)
        try:
            make()
            occ.synchronize()
            if not gmsh.model.getEntities(3):
                raise RuntimeError("no solid")
            gmsh.option.setString("Geometry.OCCTargetUnit", "")
            v = sum(occ.getMass(3, t) for _, t in gmsh.model.getEntities(3))
            gmsh.write(f"{directory}/{name}.step")
            print(f"{name}\t{len(gmsh.model.getEntities(3))}\t{v:.6g}", flush=True)
            if name in ("drilled_block", "fillet_box", "loft_round", "wing", "steinmetz", "random_boolean"):
                gmsh.write(f"{directory}/{name}.brep")
        except Exception as e:
            failed += 1
            print(f"{name}\tFAILED\t{e}", flush=True)
            traceback.print_exc(limit=-2)
    return failed


if __name__ == "__main__":
    sys.exit(min(generate(sys.argv[1], sys.argv[2:]), 1))
