import { expect, it } from "vitest";
import type { Mesh } from "../api/client";
import { figures } from "./figures";

const mesh = (over: Record<string, unknown>): Mesh =>
  ({ counts: { nodes: 100, elements: { tetrahedron: 400, line: 9 } }, timings: [], artifacts: [], ...over }) as unknown as Mesh;

const row = (rows: ReturnType<typeof figures>, name: string) => rows.find((r) => r.name === name);

it("tells a difference as people do, and which side is better only where one can say so", () => {
  const measured = (gamma: number, skewness: number) => ({
    volume: {
      measures: {
        gamma: { count: 4, min: gamma, max: 1, mean: 0.7 },
        skewness: { count: 4, min: 0, max: skewness, mean: 0.3 },
      },
    },
  });
  const rows = figures(
    mesh({ timings: [{ seconds: 2 }], measured: measured(0.2, 0.8), volume: 99, cad_volume: 100 }),
    mesh({
      counts: { nodes: 150, elements: { tetrahedron: 1600 } },
      timings: [{ seconds: 3 }],
      measured: measured(0.35, 0.9),
      volume: 99.5,
      cad_volume: 100,
    }),
  );
  expect(row(rows, "Tetrahedra")).toMatchObject({ left: "400", right: "1\u202f600", difference: "× 4", better: undefined });
  expect(row(rows, "Nodes")?.difference).toBe("+50.0\u202f%");
  expect(row(rows, "Gamma, worst")).toMatchObject({ left: "0.2", right: "0.35", difference: "+0.15", better: "right" });
  expect(row(rows, "Skewness, worst")).toMatchObject({ left: "0.8", right: "0.9", better: "left" });
  expect(row(rows, "Gamma, mean")).toMatchObject({ difference: "", better: undefined });
  expect(row(rows, "Off the CAD's volume")).toMatchObject({ difference: "−0.50", better: "right" });
  expect(row(rows, "Time")).toMatchObject({ difference: "+50.0\u202f%", better: "left" });
  expect(row(rows, "line"), "lines are no elements").toBeUndefined();
});

it("leaves out what neither has, and tells no difference where one has none", () => {
  const rows = figures(mesh({ counts: { nodes: 1, elements: { prism: 3 } } }), mesh({ counts: { nodes: 1, elements: {} } }));
  expect(row(rows, "Prisms")).toMatchObject({ left: "3", right: "–", difference: "" });
  expect(row(rows, "Gamma, worst")).toBeUndefined();
});
