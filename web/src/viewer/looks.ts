/** How a part and its cuts look: what a person chose, put on whatever part is shown. */
import type { Cuts } from "./cut/cuts";
import { HOVERED, SELECTED } from "./faceTable";
import { type NamedScale, Palette } from "./palette";
import type { Part } from "./part";
import type { Marked } from "./slots";
import { Structure } from "./structure";
import type { ColorBy, Group, Theme } from "./types";

const NOTHING: Marked = { tags: new Set() };
const SEEN_THROUGH = 0.3; // how much of a surface is left that one sees through

export class Looks {
  coloring: ColorBy = { by: "plain" };
  theme: Theme = {
    background: "#f5f6f8",
    edge: "#1c222b",
    accent: "#ff8a1f",
    outline: "#1c222b",
    axes: ["#c3352b", "#2a7d3c", "#2b5fd0"],
  };
  private part: Part | null = null;
  private palette = new Palette(new Structure([], []), []);
  private groups: readonly Group[] = [];
  private scale: NamedScale | null = null;
  private edges = true;
  private outlines = true;
  private xray = false;
  private brushed: [number, number] | null = null;
  private hovered: Marked = NOTHING; // faces, by their tags
  private selected: ReadonlySet<number> = new Set();

  constructor(
    private readonly cuts: Cuts,
    private readonly pixelRatio: number,
  ) {}

  /** dress has a part look so; null where there is none any more. */
  dress(part: Part | null): void {
    this.part = part;
    this.hovered = NOTHING;
    if (!part) return;
    this.mix();
    part.set({ pixelRatio: this.pixelRatio });
    part.seeThrough(this.xray ? SEEN_THROUGH : 1);
    part.brush(this.brushed);
    part.paint(this.coloring, this.palette);
    part.setEdges(this.edges);
    part.setOutlines(this.outlines);
    part.setTheme(this.theme);
    part.mark(SELECTED, { tags: this.selected });
    this.restyle();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.part?.setTheme(theme);
    this.restyle();
  }

  setColoring(by: ColorBy): void {
    this.coloring = by;
    this.part?.paint(by, this.palette);
    this.restyle();
  }

  setGroups(groups: readonly Group[]): void {
    this.groups = groups;
    this.mix();
    if (this.coloring.by === "group") this.setColoring(this.coloring);
  }

  setScale(scale: NamedScale | null): void {
    this.scale = scale;
    this.mix();
    this.remeasure();
  }

  /** remeasure colours by a measure anew: its scale is another. */
  remeasure(): void {
    if (this.coloring.by === "measure") this.setColoring(this.coloring);
  }

  setEdges(shown: boolean): void {
    this.edges = shown;
    this.part?.setEdges(shown);
    this.restyle();
  }

  setOutlines(shown: boolean): void {
    this.outlines = shown;
    this.part?.setOutlines(shown);
  }

  setXray(on: boolean): void {
    this.xray = on;
    this.part?.seeThrough(on ? SEEN_THROUGH : 1);
  }

  brush(range: [number, number] | null): void {
    this.brushed = range;
    this.part?.brush(range);
    this.restyle();
  }

  select(tags: Iterable<number>): void {
    this.selected = new Set(tags);
    this.part?.mark(SELECTED, { tags: this.selected });
  }

  /** highlight returns whether other faces stand out than before: of a solid alone, where it is given and drawn apart. */
  highlight(list: Iterable<number>, solid?: number): boolean {
    const tags = new Set(list);
    const same = tags.size === this.hovered.tags.size && [...tags].every((t) => this.hovered.tags.has(t));
    if (same && solid === this.hovered.solid) return false;
    this.hovered = { tags, solid };
    this.part?.mark(HOVERED, this.hovered);
    return true;
  }

  /** restyle has cuts look as the part does. */
  restyle(): void {
    const { coloring, palette, edges, theme, brushed: brush, pixelRatio } = this;
    this.cuts.restyle({ coloring, palette, edges, theme, brush, pixelRatio });
  }

  private mix(): void {
    if (this.part) this.palette = new Palette(this.part.slots.structure, this.groups, this.scale);
  }
}
