/** Flat faces as they come out of a cut: triangles, each with the element it belongs to and the edges that are edges. */

/** Faces is what a cut shows. */
export interface Faces {
  /** Four numbers a corner, three corners a triangle: x y z in steps, and the edges to draw (bit k: the edge opposite to corner k). */
  corners: Float32Array;
  /** Element that each triangle belongs to. */
  elements: Uint32Array;
}

export class FaceList {
  private corners = new Float32Array(12 * 4096);
  private elements = new Uint32Array(4096);
  private count = 0;

  /** add appends a convex polygon of n corners as a fan of triangles; xyz holds three numbers a corner. */
  add(element: number, xyz: ArrayLike<number>, n: number): void {
    if (this.count + n > this.elements.length) this.grow();
    for (let k = 1; k + 1 < n; k++) {
      // Only the rim of the polygon is an edge of the mesh or of the cut.
      const edges = 1 | (k + 2 === n ? 2 : 0) | (k === 1 ? 4 : 0);
      this.corner(0, xyz, 0, edges);
      this.corner(1, xyz, k, edges);
      this.corner(2, xyz, k + 1, edges);
      this.elements[this.count++] = element;
    }
  }

  done(): Faces {
    return { corners: this.corners.slice(0, 12 * this.count), elements: this.elements.slice(0, this.count) };
  }

  private corner(at: number, xyz: ArrayLike<number>, from: number, edges: number): void {
    const to = 12 * this.count + 4 * at;
    this.corners[to] = xyz[3 * from];
    this.corners[to + 1] = xyz[3 * from + 1];
    this.corners[to + 2] = xyz[3 * from + 2];
    this.corners[to + 3] = edges;
  }

  private grow(): void {
    const corners = new Float32Array(2 * this.corners.length);
    corners.set(this.corners);
    this.corners = corners;
    const elements = new Uint32Array(2 * this.elements.length);
    elements.set(this.elements);
    this.elements = elements;
  }
}
