// A triangle's sections by parallel planes w = constant, in coordinates u, v, w.
//
// The planes cut the edges of a surface, and an edge is cut at the same bits whichever of its triangles asks: it is always
// taken from its lower end to its upper. A plane through a vertex counts as just above it. So the sections of a closed
// surface are closed polygons, and a line v = constant in the plane enters as often as it leaves, whatever was rounded.
#ifndef FIELD_SECTION_H
#define FIELD_SECTION_H

#include "shared.h"

typedef struct {
    double u, v, w;
} field_corner;

typedef struct {
    field_corner low, high;
    double du, dv; // by w
} field_edge;

FIELD_FN field_edge field_edge_of(field_corner low, field_corner high) {
    field_edge e;
    double share = 1.0 / (high.w - low.w);
    e.low = low;
    e.high = high;
    e.du = (high.u - low.u) * share;
    e.dv = (high.v - low.v) * share;
    return e;
}

// field_within returns x, or the end of the range that it passes; an end, too, where x is no number.
FIELD_FN double field_within(double x, double a, double b) {
    double least = field_min(a, b), most = field_max(a, b);
    x = x > least ? x : least;
    return x < most ? x : most;
}

// A point of a section.
typedef struct {
    double u, v;
} field_point;

FIELD_FN field_point field_cut(const field_edge *e, double w) {
    double up = w - e->low.w;
    field_point p;
    p.u = field_within(e->low.u + up * e->du, e->low.u, e->high.u);
    p.v = field_within(e->low.v + up * e->dv, e->low.v, e->high.v);
    return p;
}

// A triangle with its corners in ascending order of w: the long edge, and the two others.
typedef struct {
    field_corner low, middle, high;
    field_edge whole, lower, upper;
    int32_t turned; // the order turned the triangle round
} field_sliced;

FIELD_FN void field_swap(field_corner *a, field_corner *b, int32_t *turned) {
    field_corner x = *a;
    *a = *b;
    *b = x;
    *turned = !*turned;
}

FIELD_FN void field_sort(field_sliced *s, field_corner a, field_corner b, field_corner c) {
    s->turned = 0;
    if (a.w > b.w) field_swap(&a, &b, &s->turned);
    if (b.w > c.w) field_swap(&b, &c, &s->turned);
    if (a.w > b.w) field_swap(&a, &b, &s->turned);
    s->low = a;
    s->middle = b;
    s->high = c;
}

FIELD_FN void field_slice(field_sliced *s) {
    s->whole = field_edge_of(s->low, s->high);
    s->lower = field_edge_of(s->low, s->middle);
    s->upper = field_edge_of(s->middle, s->high);
}

// A section is the segment of a triangle in one plane, by ascending v: it covers lines with from.v <= v < to.v.
typedef struct {
    field_point from, to;
    double du;       // by v
    int32_t forward; // the triangle's normal, as its corners were given, looks along u (u, v, w being right-handed)
} field_section;

// field_section_at cuts a triangle by a plane between its lowest and highest corner.
FIELD_FN field_section field_section_at(const field_sliced *s, double w) {
    field_point whole = field_cut(&s->whole, w);
    field_point other = s->middle.w <= w ? field_cut(&s->upper, w) : field_cut(&s->lower, w);
    field_section x;
    int32_t right = other.v > whole.v;
    x.from.u = right ? whole.u : other.u;
    x.from.v = right ? whole.v : other.v;
    x.to.u = right ? other.u : whole.u;
    x.to.v = right ? other.v : whole.v;
    x.du = (x.to.u - x.from.u) / (x.to.v - x.from.v);
    x.forward = right != s->turned;
    return x;
}

// field_along returns u where a section passes a line.
FIELD_FN double field_along(const field_section *x, double v) {
    return field_within(x->from.u + (v - x->from.v) * x->du, x->from.u, x->to.u);
}

#endif
