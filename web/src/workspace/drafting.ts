/**
 * Draft meshes that follow a slider: small ones by a lattice, to look at and for nothing else. One is made at a time, what is wished for
 * last is made next, and each is deleted once another or nothing takes its place.
 */
import { final, type Geometry, type Mesh, type Spec } from "../api/client";

export interface DraftService {
  /** make has a mesh made and returns it once it has ended, or as it is after a moment. */
  make: (geometry: string, spec: Spec) => Promise<Mesh>;
  /** ended settles when a mesh has ended or the signal says that nobody waits any more. */
  ended: (mesh: string, signal: AbortSignal) => Promise<Mesh>;
  /** remove deletes a mesh, now or as soon as that can be: it does not fail. */
  remove: (mesh: string) => Promise<unknown>;
}

export class Drafting {
  private wish: Spec | null = null; // what is to be made next
  private latest = ""; // what was wished for last
  private current: Spec | null = null; // what is being made
  private shown: Mesh | null = null;
  private outdated = new AbortController(); // of what is being made, once something else is wished for
  private slow = false; // the part takes longer than anybody waits for a draft

  constructor(
    private readonly geometry: string,
    private readonly service: DraftService,
    private readonly show: (draft: Mesh | null) => void,
  ) {}

  /** want has a draft shown by that spec, as soon as there is one. */
  want(spec: Spec): void {
    const wish = JSON.stringify(spec);
    if (wish === this.latest || this.slow) return;
    this.latest = wish;
    this.outdated.abort();
    this.wish = spec;
    if (!this.current) void this.work();
  }

  /** drop shows none any more, and makes none. */
  drop(): void {
    this.outdated.abort();
    this.wish = null;
    this.latest = "";
    this.replace(null);
  }

  private async work(): Promise<void> {
    while (this.wish) {
      const spec = this.wish;
      this.wish = null;
      this.current = spec;
      this.outdated = new AbortController();
      const { signal } = this.outdated;
      let made: Mesh | undefined;
      try {
        made = await this.service.make(this.geometry, spec);
        if (!final(made.status) && !signal.aborted) made = await this.service.ended(made.id, signal);
        // One that is there is shown though another is wished for: what is seen follows the slider.
        const wanted = !signal.aborted || this.wish;
        if (made.status === "succeeded" && wanted) this.replace(made);
        else this.remove(made);
        this.slow ||= made.error?.code === "time_limit"; // the next would keep an engine as long, and for nothing
        if (this.slow) this.wish = null;
      } catch {
        // Refused or out of reach: a draft is no more than a help. What was made of it nobody will see.
        if (made) this.remove(made);
      }
    }
    this.current = null;
  }

  private replace(next: Mesh | null): void {
    const before = this.shown;
    this.shown = next;
    if (before || next) this.show(next);
    if (before) this.remove(before);
  }

  private remove(mesh: Mesh): void {
    void this.service.remove(mesh.id);
  }
}

// About the tetrahedra of a draft: with fewer, little is left of a part; with more, it is not there at once.
const FEWEST = 2_000;
const MOST = 60_000;
// An assembly whose solids take long to be cut, or walls too thin for a lattice, may take a minute: that is no draft any more.
const LONGEST = "10s";

/**
 * draftSpec returns the draft of a mesh of that fineness: with edges as long, as far as they may be. A lattice with edges of h has
 * about twelve tetrahedra in a cube of h.
 */
export function draftSpec({ bounding_box: box, volume }: Geometry, fineness: number): Spec | null {
  if (!box) return null;
  const sides = box.max.map((m, k) => m - box.min[k]);
  const wanted = (Math.hypot(...sides) / 20) * 2 ** ((5 - fineness) / 2);
  const edge = (tetrahedra: number) => Math.cbrt((12 * (volume || sides.reduce((v, s) => v * s, 1))) / tetrahedra);
  const max = Math.min(Math.max(wanted, edge(MOST)), edge(FEWEST));
  return { draft: true, formats: ["msh"], size: { max: Number(max.toPrecision(4)) }, time_limit: LONGEST };
}
