/** How the scene is looked at, beside the camera. */
import { type Entities, NONE } from "../viewer/structure";
import type { ColorBy, Cut } from "../viewer/types";

export interface Look {
  coloring: ColorBy;
  edges: boolean;
  xray: boolean;
  orthographic: boolean;
  cut: Cut | null;
  hidden: Entities;
  /** How far solids are drawn apart, from 0 to 1; null where they are not. */
  apart: number | null;
}

/** drawnAtOnce tells whether a surface looks so by its triangles alone: colours and cuts may be of what is not known of it yet. */
export const drawnAtOnce = ({ coloring, cut }: Look): boolean => !["measure", "type"].includes(coloring.by) && !cut;

export const FIRST_LOOK: Look = {
  coloring: { by: "plain" },
  edges: true,
  xray: false,
  orthographic: false,
  cut: null,
  hidden: NONE,
  apart: null,
};

export const FIRST_CUT: Cut = { normal: [1, 0, 0], offset: 0.5, flipped: false, manner: "section" };
export const FIRST_APART = 0.5;
