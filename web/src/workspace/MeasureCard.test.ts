import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { MeasureCard, roundedUp } from "./MeasureCard";

it("writes how far off a length may be with one digit, and never less than it is", () => {
  expect([0.0234, 0.03, 0.0301, 9.1, 1].map(roundedUp)).toEqual([0.03, 0.03, 0.04, 10, 1]);
});

it("says how fine places are where the distance is not much longer, and nothing of it else", () => {
  const at = (x: number) => ({ point: [x, 0, 0] as [number, number, number], on: "edge" as const });
  const said = (distance: number) =>
    renderToStaticMarkup(
      createElement(MeasureCard, {
        measured: { from: at(0), to: at(distance), distance, tolerance: 0.0021, marked: true },
        units: "mm",
        elements: true,
      }),
    );
  expect(said(1)).toMatch(/±\s*0.003\smm: places are no finer/);
  expect(said(4.1)).toContain("±"); // 5e-4 of it is 0.00205
  expect(said(4.3)).not.toContain("±");
  expect(said(4.3)).toContain("from an edge to an edge");
});
