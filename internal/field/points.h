// Questions about single points and segments, answered by a tree of boxes.
#ifndef FIELD_POINTS_H
#define FIELD_POINTS_H

#include "scan.h"
#include "vectors.h"
#include "winding.h"

// A box of the tree: see node in tree.go.
typedef struct {
    double least[3], most[3];
    int32_t left; // the children are left and left+1; 0 for a leaf
    int32_t first, count;
    int32_t spare;
} field_node;

typedef struct {
    const field_node *nodes;
    const int32_t *order; // the triangles in the order of the leaves
    const double *vertices;
    const int32_t *triangles, *weight;
    int32_t solid; // triangles from here on are caps
} field_tree;

#define FIELD_CORNER(tree, t, k) ((tree)->vertices + 3 * (int64_t)(tree)->triangles[3 * (int64_t)(t) + (k)])

// field_change returns what the winding number of a closed chain changes by where the line through p along x passes a
// triangle at or before p (or beyond p).
FIELD_FN int32_t field_change(const field_tree *tree, int32_t t, const double *p, int32_t beyond) {
    field_sliced s;
    field_sort(&s, field_corner_xyz(FIELD_CORNER(tree, t, 0)), field_corner_xyz(FIELD_CORNER(tree, t, 1)), field_corner_xyz(FIELD_CORNER(tree, t, 2)));
    if (s.low.w > p[2] || s.high.w <= p[2]) return 0;
    field_slice(&s);
    field_section x = field_section_at(&s, p[2]);
    if (p[1] < x.from.v || p[1] >= x.to.v) return 0;
    if ((field_along(&x, p[1]) > p[0]) != beyond) return 0;
    return x.forward ? -tree->weight[t] : tree->weight[t];
}

// field_count returns the winding number of a closed chain at a point. The line is followed to the nearer end.
FIELD_FN int32_t field_count(const field_tree *tree, const double *p) {
    int32_t stack[FIELD_DEEP], depth = 0, sum = 0;
    const field_node *root = tree->nodes;
    for (int k = 0; k < 3; k++)
        if (p[k] < root->least[k] || p[k] > root->most[k]) return 0;
    int32_t beyond = p[0] > 0.5 * (root->least[0] + root->most[0]);
    stack[depth++] = 0;
    while (depth > 0) {
        const field_node *n = &tree->nodes[stack[--depth]];
        if (p[1] < n->least[1] || p[1] > n->most[1] || p[2] < n->least[2] || p[2] > n->most[2]) continue;
        if (beyond ? n->most[0] < p[0] : n->least[0] > p[0]) continue;
        if (n->left == 0) {
            for (int32_t i = n->first; i < n->first + n->count; i++) sum += field_change(tree, tree->order[i], p, beyond);
        } else {
            stack[depth++] = n->left + 1;
            stack[depth++] = n->left;
        }
    }
    return beyond ? -sum : sum;
}

FIELD_FN void field_onward(const double *from, const double *along, double share, double *out) {
    for (int k = 0; k < 3; k++) out[k] = from[k] + share * along[k];
}

// field_share_of_area returns twice the area of the triangle of two corners and p, as p's corners are seen from it, times a normal: what is
// lost of it is a few units in the last place times how long the triangle is for its width, and not the square of that as where it
// is made of products of lengths.
FIELD_FN double field_share_of_area(const double *normal, const double *from, const double *to) {
    double area[3];
    field_cross3(from, to, area);
    return field_dot3(normal, area);
}

// field_closest finds the point of a triangle nearest to p, after C. Ericson, "Real-Time Collision Detection", §5.1.5.
FIELD_FN void field_closest(const double *p, const double *a, const double *b, const double *c, double *out) {
    double ab[3], ac[3], ap[3], bp[3], cp[3], bc[3], normal[3];
    field_less(b, a, ab);
    field_less(c, a, ac);
    field_cross3(ab, ac, normal);
    field_less(p, a, ap);
    double d1 = field_dot3(ab, ap), d2 = field_dot3(ac, ap);
    if (d1 <= 0.0 && d2 <= 0.0) return field_onward(a, ab, 0.0, out);
    field_less(p, b, bp);
    double d3 = field_dot3(ab, bp), d4 = field_dot3(ac, bp);
    if (d3 >= 0.0 && d4 <= d3) return field_onward(b, ab, 0.0, out);
    double vc = field_share_of_area(normal, ap, bp);
    if (vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0) return field_onward(a, ab, d1 / (d1 - d3), out);
    field_less(p, c, cp);
    double d5 = field_dot3(ab, cp), d6 = field_dot3(ac, cp);
    if (d6 >= 0.0 && d5 <= d6) return field_onward(c, ac, 0.0, out);
    double vb = field_share_of_area(normal, cp, ap);
    if (vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0) return field_onward(a, ac, d2 / (d2 - d6), out);
    double va = field_share_of_area(normal, bp, cp);
    if (va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0) {
        field_less(c, b, bc);
        return field_onward(b, bc, (d4 - d3) / ((d4 - d3) + (d5 - d6)), out);
    }
    double total = va + vb + vc, inner[3];
    field_onward(a, ab, vb / total, inner);
    field_onward(inner, ac, vc / total, out);
}

// field_gap_square returns the square of the distance from p to a box.
FIELD_FN double field_gap_square(const field_node *n, const double *p) {
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        double gap = field_max(field_max(n->least[k] - p[k], p[k] - n->most[k]), 0.0);
        sum += gap * gap;
    }
    return sum;
}

// field_nearest finds the nearest triangle to p that is not farther than the root of *square, of equals the one of the least
// number; -1 where there is none. It sets square to that of its distance, and point.
FIELD_FN int32_t field_nearest(const field_tree *tree, const double *p, double *square, double *point) {
    int32_t stack[FIELD_DEEP], depth = 0, best = -1;
    double gaps[FIELD_DEEP];
    gaps[0] = field_gap_square(tree->nodes, p);
    stack[depth++] = 0;
    while (depth > 0) {
        const field_node *n = &tree->nodes[stack[--depth]];
        if (gaps[depth] > *square) continue;
        if (n->left == 0) {
            for (int32_t i = n->first; i < n->first + n->count; i++) {
                int32_t t = tree->order[i];
                if (t >= tree->solid) continue;
                double q[3], d[3];
                field_closest(p, FIELD_CORNER(tree, t, 0), FIELD_CORNER(tree, t, 1), FIELD_CORNER(tree, t, 2), q);
                field_less(p, q, d);
                double gap = field_dot3(d, d);
                if (gap < *square || (gap == *square && (best < 0 || t < best))) {
                    *square = gap;
                    best = t;
                    for (int k = 0; k < 3; k++) point[k] = q[k];
                }
            }
            continue;
        }
        double left = field_gap_square(&tree->nodes[n->left], p), right = field_gap_square(&tree->nodes[n->left + 1], p);
        int32_t second = left <= right; // the nearer one is looked at first
        stack[depth] = n->left + second;
        gaps[depth++] = second ? right : left;
        stack[depth] = n->left + !second;
        gaps[depth++] = second ? left : right;
    }
    return best;
}

// field_pass returns where the segment from p along d passes a triangle, as a share of it; 2 where it does not. After
// T. Möller and B. Trumbore, "Fast, minimum storage ray/triangle intersection" (1997).
FIELD_FN double field_pass(const double *p, const double *d, const double *a, const double *b, const double *c) {
    double ab[3], ac[3], q[3], r[3], s[3];
    field_less(b, a, ab);
    field_less(c, a, ac);
    field_cross3(d, ac, q);
    double det = field_dot3(ab, q);
    if (det == 0.0) return 2.0;
    field_less(p, a, s);
    const double slack = 1e-12; // a segment through an edge passes one of its triangles at least
    double u = field_dot3(s, q) / det;
    if (!(u >= -slack && u <= 1.0 + slack)) return 2.0;
    field_cross3(s, ab, r);
    double v = field_dot3(d, r) / det;
    if (!(v >= -slack && u + v <= 1.0 + slack)) return 2.0;
    double t = field_dot3(ac, r) / det;
    return t >= 0.0 && t <= 1.0 ? t : 2.0;
}

// field_enter returns where a segment enters a box; 2 where it passes it by.
FIELD_FN double field_enter(const field_node *n, const double *p, const double *d) {
    double from = 0.0, to = 1.0;
    for (int k = 0; k < 3; k++) {
        if (d[k] == 0.0) {
            if (p[k] < n->least[k] || p[k] > n->most[k]) return 2.0;
            continue;
        }
        double one = (n->least[k] - p[k]) / d[k], other = (n->most[k] - p[k]) / d[k];
        const double slack = 1e-12;
        from = field_max(from, field_min(one, other) - slack);
        to = field_min(to, field_max(one, other) + slack);
    }
    return from <= to ? from : 2.0;
}

// field_crossing finds the first triangle that the segment from p to q passes, of equals the one of the least number; -1
// where there is none.
FIELD_FN int32_t field_crossing(const field_tree *tree, const double *p, const double *q, double *share) {
    int32_t stack[FIELD_DEEP], depth = 0, best = -1;
    double d[3];
    field_less(q, p, d);
    *share = 1.0;
    stack[depth++] = 0;
    while (depth > 0) {
        const field_node *n = &tree->nodes[stack[--depth]];
        if (field_enter(n, p, d) > *share) continue;
        if (n->left != 0) {
            stack[depth++] = n->left + 1;
            stack[depth++] = n->left;
            continue;
        }
        for (int32_t i = n->first; i < n->first + n->count; i++) {
            int32_t t = tree->order[i];
            if (t >= tree->solid) continue;
            double at = field_pass(p, d, FIELD_CORNER(tree, t, 0), FIELD_CORNER(tree, t, 1), FIELD_CORNER(tree, t, 2));
            if (at < *share || (at == *share && (best < 0 || t < best))) {
                *share = at;
                best = t;
            }
        }
    }
    return best;
}

#endif
