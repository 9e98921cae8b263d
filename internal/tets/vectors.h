/* Tetrahedra in vectors of WIDTH numbers, one tetrahedron a lane. It is included once for each width, which NAME tells apart. */

typedef double NAME(num) __attribute__((vector_size(8 * WIDTH)));
typedef double NAME(loose) __attribute__((vector_size(8 * WIDTH), aligned(8))); /* as it lies in memory */
typedef int64_t NAME(mask) __attribute__((vector_size(8 * WIDTH)));
typedef struct { NAME(num) x, y, z; } NAME(vec);

#define num NAME(num)
#define mask NAME(mask)
#define vec NAME(vec)
#define INLINE static inline __attribute__((always_inline))

INLINE vec NAME(less)(vec a, vec b) { return (vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
INLINE num NAME(dot)(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
INLINE vec NAME(cross)(vec a, vec b) { return (vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
INLINE vec NAME(scaled)(vec a, num by) { return (vec){a.x * by, a.y * by, a.z * by}; }
INLINE num NAME(every)(double x) { return (num){} + x; }
INLINE num NAME(chosen)(mask which, num yes, num no) { return (num)((which & (mask)yes) | (~which & (mask)no)); }
INLINE num NAME(absolute)(num x) { return (num)((mask)x & ((mask){} + INT64_MAX)); }

#define less NAME(less)
#define dot NAME(dot)
#define cross NAME(cross)
#define scaled NAME(scaled)
#define every NAME(every)
#define chosen NAME(chosen)
#define absolute NAME(absolute)

/* of an angle of which the cosine is given: Abramowitz and Stegun, 4.4.46 */
INLINE num NAME(degrees)(num cosine) {
	num x = MIN(absolute(cosine), every(1));
	num angle = SQRT(1 - x) * (1.5707963050 + x * (-0.2145988016 + x * (0.0889789874 + x * (-0.0501743046 +
		x * (0.0308918810 + x * (-0.0170881256 + x * (0.0066700901 - x * 0.0012624911)))))));
	angle = chosen(cosine < 0, 3.14159265358979323846264338327950288 - angle, angle);
	return angle * 57.295779513082320876798154814105170332;
}

#define degrees NAME(degrees)

#define FACE(q0, q1, q2, r0, r1, r2) \
	c0 = (q1 + q2 - q0) * r1 * r2 / 2, c1 = (q0 + q2 - q1) * r0 * r2 / 2, c2 = (q0 + q1 - q2) * r0 * r1 / 2; \
	low = MIN(low, MIN(c0, MIN(c1, c2))), high = MAX(high, MAX(c0, MAX(c1, c2)));

#define PUT(row, x) (*(NAME(loose) *)&out->value[TETS_##row][i] = (x))

INLINE void NAME(measure)(const places *p, int64_t n, tets_columns *out, lengths *l) {
	const double six = 6 * __builtin_sqrt(6.0), eight = 5832 / (8 * __builtin_sqrt(3.0));
	for (int64_t i = 0; i < n; i += WIDTH) {
		vec corner[4];
		for (int c = 0; c < 4; c++)
			corner[c] = (vec){*(const num *)&p->at[c][0][i], *(const num *)&p->at[c][1][i], *(const num *)&p->at[c][2][i]};
		vec a = corner[0], b = corner[1], c = corner[2], d = corner[3];
		vec ab = less(b, a), ac = less(c, a), ad = less(d, a), bc = less(c, b), bd = less(d, b), cd = less(d, c);
		/* normals to the outside, each twice as long as its face is large */
		vec n0 = cross(ac, ab), n1 = cross(ab, ad), n2 = cross(ad, ac), n3 = cross(bc, bd);
		num det = -dot(ad, n0);
		num s0 = dot(n0, n0), s1 = dot(n1, n1), s2 = dot(n2, n2), s3 = dot(n3, n3);
		num q0 = dot(ab, ab), q1 = dot(ac, ac), q2 = dot(ad, ad), q3 = dot(bc, bc), q4 = dot(bd, bd), q5 = dot(cd, cd);
		num l0 = SQRT(q0), l1 = SQRT(q1), l2 = SQRT(q2), l3 = SQRT(q3), l4 = SQRT(q4), l5 = SQRT(q5);
		num a0 = SQRT(s0), a1 = SQRT(s1), a2 = SQRT(s2), a3 = SQRT(s3);
		num longest = MAX(MAX(MAX(l0, l1), MAX(l2, l3)), MAX(l4, l5)), shortest = MIN(MIN(MIN(l0, l1), MIN(l2, l3)), MIN(l4, l5));
		num size = absolute(det);
		*(num *)&l->longest[i] = longest;
		*(num *)&l->shortest[i] = shortest;
		*(num *)&l->least[i] = MIN(MIN(shortest, size), MIN(MIN(a0, a1), MIN(a2, a3)));
		*(NAME(loose) *)&out->volume[i] = det / 6;
		PUT(EDGE_LENGTH, (l0 + l1 + l2 + l3 + l4 + l5) / 6);
		PUT(SICN, 6 * det / SQRT((q0 + q1 + q2 + q3 + q4 + q5) * (s0 + s1 + s2 + s3)));
		PUT(EDGE_RATIO, longest / shortest);

		num volume = size / 6, areas = (a0 + a1 + a2 + a3) / 2;
		PUT(ASPECT, MIN(longest * areas / (six * volume), every(limit)));
		num p0 = l0 * l5, p1 = l1 * l4, p2 = l2 * l3;
		num product = (p0 + p1 + p2) * (p0 + p1 - p2) * (p0 + p2 - p1) * (p1 + p2 - p0) / 16, root = SQRT(product);
		PUT(GAMMA, chosen(product > 0, 54 * volume * volume / (areas * root), every(0)));
		PUT(SKEWNESS, chosen(product > 0, MAX(1 - eight * (volume * volume / product) * (volume * volume / root), every(0)), every(1)));
		num widest = MAX(MAX(l0 * l1 * l2, l0 * l3 * l4), MAX(l1 * l3 * l5, l2 * l4 * l5));
		PUT(JACOBIAN, 1.41421356237309504880168872420969808 * det / widest);

		vec m0 = scaled(n0, 1 / a0), m1 = scaled(n1, 1 / a1), m2 = scaled(n2, 1 / a2), m3 = scaled(n3, 1 / a3);
		/* cosines of the angles: low ones are of large angles */
		num d0 = -dot(m0, m1), d1 = -dot(m0, m2), d2 = -dot(m0, m3), d3 = -dot(m1, m2), d4 = -dot(m1, m3), d5 = -dot(m2, m3);
		num high = MAX(MAX(MAX(d0, d1), MAX(d2, d3)), MAX(d4, d5)), low = MIN(MIN(MIN(d0, d1), MIN(d2, d3)), MIN(d4, d5));
		PUT(MIN_DIHEDRAL, degrees(high));
		PUT(MAX_DIHEDRAL, degrees(low));

		num r0 = 1 / l0, r1 = 1 / l1, r2 = 1 / l2, r3 = 1 / l3, r4 = 1 / l4, r5 = 1 / l5, c0, c1, c2;
		low = every(1), high = every(-1);
		FACE(q0, q1, q3, r0, r1, r3)
		FACE(q0, q2, q4, r0, r2, r4)
		FACE(q1, q2, q5, r1, r2, r5)
		FACE(q3, q4, q5, r3, r4, r5)
		PUT(MIN_ANGLE, degrees(high));
		PUT(MAX_ANGLE, degrees(low));
	}
}

/* volumes, and the signed inverse condition numbers of the map from the regular tetrahedron */
INLINE void NAME(fill)(const places *p, int64_t n, double *volume, double *sicn) {
	for (int64_t i = 0; i < n; i += WIDTH) {
		vec corner[4];
		for (int c = 0; c < 4; c++)
			corner[c] = (vec){*(const num *)&p->at[c][0][i], *(const num *)&p->at[c][1][i], *(const num *)&p->at[c][2][i]};
		vec a = corner[0], b = corner[1], c = corner[2], d = corner[3];
		vec ab = less(b, a), ac = less(c, a), ad = less(d, a), bc = less(c, b), bd = less(d, b), cd = less(d, c);
		vec n0 = cross(ab, ac), n1 = cross(ad, ab), n2 = cross(ac, ad), n3 = cross(bc, bd);
		num det = dot(ad, n0);
		num edges = dot(ab, ab) + dot(ac, ac) + dot(ad, ad) + dot(bc, bc) + dot(bd, bd) + dot(cd, cd);
		num areas = dot(n0, n0) + dot(n1, n1) + dot(n2, n2) + dot(n3, n3);
		*(NAME(loose) *)&volume[i] = chosen(det == 0, every(0), det / 6);
		*(NAME(loose) *)&sicn[i] = chosen(det == 0, every(0), 6 * det / SQRT(edges * areas));
	}
}

#undef num
#undef mask
#undef vec
#undef INLINE
#undef less
#undef dot
#undef cross
#undef scaled
#undef every
#undef chosen
#undef absolute
#undef degrees
#undef FACE
#undef PUT
