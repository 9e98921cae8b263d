/** What a viewer keeps of cutting: how the part shown is cut, and the view of its elements once there is a cut. */
import type { Ray } from "three";
import type { ElementType } from "../palette";
import type { Part } from "../part";
import type { Cut } from "../types";
import type { VolumeFacts } from "./cutting";
import { type CutHit, type CutStyle, CutView } from "./cutView";

/** The elements that a cut shows are being fetched, are there, or cannot be had for a reason. */
export interface CuttingState {
  loading: boolean;
  problem?: string;
  /** What is there: types of elements, and their measures, whose scales hold those of the surface. */
  types?: readonly ElementType[];
  measures?: VolumeFacts["measures"];
}

export interface CutsHost {
  /** There is something else to draw. */
  draw: () => void;
  tell: (state: CuttingState) => void;
  /** Facts of the cut shown, for whoever looks at the page from outside; null where there is none. */
  note: (cut: { triangles: number; ms: number } | null) => void;
}

export class Cuts {
  private cut: Cut | null = null;
  private part: Part | null = null;
  private volume: (() => string | undefined) | undefined;
  private view: CutView | null = null;
  private style: CutStyle | null = null;
  private hidden: readonly number[] = [];

  constructor(private readonly host: CutsHost) {}

  /** show takes another part; volume says where its elements are, should they be cut. */
  show(part: Part | null, volume?: () => string | undefined): void {
    this.drop();
    this.part = part;
    this.volume = volume;
    this.set(this.cut);
  }

  /** hide leaves out the elements of solids, by their tags. */
  hide(solids: readonly number[]): void {
    this.hidden = solids;
    this.set(this.cut);
  }

  /** set cuts the part; null shows it whole. */
  set(cut: Cut | null): void {
    this.cut = cut;
    if (cut && !this.view) this.open();
    if (!this.view) this.part?.setCut(cut);
    else if (cut) this.view.set(cut, this.hidden);
    else this.view.close();
    if (!cut) this.host.note(null);
  }

  restyle(style: CutStyle): void {
    this.style = style;
    this.view?.restyle(style);
  }

  meet(ray: Ray): CutHit | null {
    return this.view?.meet(ray) ?? null;
  }

  private open(): void {
    const url = this.volume?.();
    if (!this.part || !this.style || !url) return;
    this.host.tell({ loading: true });
    this.view = new CutView(this.part, url, this.style, {
      ready: ({ types, measures }) => {
        for (const m of measures) this.part?.widen(m);
        this.host.tell({ loading: false, types, measures });
      },
      cut: (triangles, ms) => {
        this.host.note({ triangles, ms });
        this.host.draw();
      },
      failed: (problem) => {
        this.drop();
        this.volume = undefined; // the surface alone can be cut all the same
        this.set(this.cut);
        this.host.tell({ loading: false, problem });
        this.host.draw();
      },
    });
  }

  private drop(): void {
    this.view?.dispose();
    this.view = null;
    this.host.note(null);
    this.host.tell({ loading: false });
  }
}
