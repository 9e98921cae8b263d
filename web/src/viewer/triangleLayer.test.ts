import type { DataTexture } from "three";
import { expect, it } from "vitest";
import { FaceTable } from "./faceTable";
import { prepare } from "./prepare";
import { TriangleLayer } from "./triangleLayer";

const surface = () => ({
  positions: Uint16Array.from([0, 0, 0, 9, 0, 0, 9, 9, 0]),
  corners: Uint32Array.from([0, 1, 2]),
  faces: [{ tag: 7, first: 0, count: 1 }],
  measures: [],
  quantum: 1,
  origin: [0, 0, 0] as [number, number, number],
});

const uploaded = (layer: TriangleLayer) => {
  for (const { value } of Object.values(layer.object.material.uniforms)) value?.onUpdate?.(value); // as the renderer does
};

it("keeps nothing that the card alone needs, and makes it again for another card", () => {
  const prepared = prepare(surface());
  const layer = new TriangleLayer(prepared, new FaceTable(1));
  const { positions, offsets } = layer.object.material.uniforms as Record<string, { value: DataTexture }>;
  uploaded(layer);
  expect([positions.value.image.data, prepared.card]).toEqual([null, null]);
  expect(offsets.value.image.data, "rays ask for them, too").not.toBeNull();
  layer.refill();
  expect([...(positions.value.image.data as Uint16Array).slice(0, 8)]).toEqual([0, 0, 0, 0, 9, 0, 0, 0]);
  const again = new TriangleLayer(prepared, new FaceTable(1));
  expect(again.object.material.uniforms.faces.value.image.data, "shown a second time").not.toBeNull();
});

it("keeps corners that nobody can make again", () => {
  const layer = new TriangleLayer({ corners: new Uint16Array(12), faceOf: new Uint16Array(1) }, new FaceTable(1));
  uploaded(layer);
  layer.refill();
  expect(layer.object.geometry.getAttribute("position").array).toHaveLength(12);
});
