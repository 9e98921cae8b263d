import { describe, expect, it } from "vitest";
import type { Spec } from "../api/client";
import { get, put, within } from "./path";
import { bare, clean, curl, freeName, secondsOf, tagsOf, tagsText } from "./spec";

describe("a path", () => {
  it("leads to what it names, and puts something else there without changing the rest", () => {
    const spec: Spec = { refine: [{ size: 1, sphere: { center: [0, 1, 2], radius: 3 } }] };
    expect(get(spec, "refine[0].sphere.center[1]")).toBe(1);
    expect(get(spec, "layers[3].ratio")).toBeUndefined();
    const other = put(spec, "refine[0].sphere.center[1]", 9);
    expect(get(other, "refine[0].sphere.center")).toEqual([0, 9, 2]);
    expect(get(spec, "refine[0].sphere.center[1]"), "the one before stays").toBe(1);
    expect(put<Spec>({}, "size.max", 2)).toEqual({ size: { max: 2 } });
    expect(put(spec, "refine[0]", null).refine).toEqual([]);
  });

  it("knows what is a part of what", () => {
    expect(within("groups[1].entities[0]", "groups[1]")).toBe(true);
    expect(within("groups[10].name", "groups[1]")).toBe(false);
  });
});

describe("a spec", () => {
  it("holds only what was set", () => {
    expect(clean({ size: { max: undefined }, refine: [], strategy: undefined })).toEqual({});
    expect(clean({ groups: [{ name: "", dim: 2, entities: [] }] }).groups, "entries keep their numbers").toHaveLength(1);
  });

  it("is said in as few words as it can be", () => {
    const resolved: Spec = {
      strategy: "auto",
      element: "tet",
      order: 1,
      size: { fineness: 5, growth: 1.2 },
      layers: [{ groups: ["wall"], first_height: 0.1, ratio: 1.2, count: 7 }],
      heal: "auto",
      device: "auto",
      time_limit: "2m0s",
      formats: ["msh", "vtk"],
    };
    expect(bare(resolved)).toEqual({
      size: { growth: 1.2 },
      layers: [{ groups: ["wall"], first_height: 0.1, count: 7 }],
    });
  });

  it("reads durations as the service writes them", () => {
    expect(secondsOf("2m0s")).toBe(120);
    expect(secondsOf("1.5m")).toBe(90);
    expect(secondsOf("soon")).toBeNaN();
    expect(secondsOf("5 s")).toBeNaN();
  });

  it("can be sent from a shell, whatever a group is called", () => {
    const command = curl("http://localhost:8080", "geo_1", { groups: [{ name: "l'air", dim: 2, entities: [1] }] });
    expect(command).toContain(`"name":"l'\\''air"`);
  });
});

describe("numbers of entities", () => {
  it("are read and written as ranges", () => {
    expect(tagsOf("3, 5 8-10")).toEqual([3, 5, 8, 9, 10]);
    expect(tagsOf("wall")).toBeNull();
    expect(tagsOf("9-3")).toBeNull();
    expect(tagsText([10, 3, 8, 9, 5])).toBe("3, 5, 8-10");
    expect(tagsText([1, 2])).toBe("1, 2");
  });

  it("get a name that nobody has", () => {
    expect(freeName("wall", [])).toBe("wall");
    expect(freeName("wall", ["wall", "wall_2"])).toBe("wall_3");
  });
});
