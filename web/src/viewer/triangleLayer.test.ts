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

it("asks of each pixel whether it is left out only where some may be", () => {
  const layer = new TriangleLayer(prepare(surface()), new FaceTable(1));
  const asks = () => !("WHOLE" in layer.object.material.defines);
  expect(asks()).toBe(false);
  layer.set({ clipped: true });
  expect(asks(), "a plane cuts through").toBe(true);
  layer.set({ clipped: false, opacity: 0.3 });
  expect(asks(), "one sees through").toBe(true);
  layer.set({ opacity: 1 });
  layer.brush([3, 7]);
  expect(asks(), "some are ghosts").toBe(true);
  layer.brush(null);
  expect(asks()).toBe(false);
});

it("goes on with another table of faces, and with edges once they are known", () => {
  const prepared = prepare(surface());
  const layer = new TriangleLayer(prepared, new FaceTable(1));
  const { uniforms } = layer.object.material;
  uploaded(layer);
  prepared.edges = new Uint8Array(1).fill(5);
  const table = new FaceTable(2);
  layer.renew(table);
  expect([uniforms.looks.value, uniforms.moves.value]).toEqual([table.looks, table.moves]);
  expect([uniforms.someEdges.value, uniforms.drawn.value.image.data[0]]).toEqual([true, 5]);
  expect(uniforms.positions.value.image.data, "the card has them").toBeNull();
});
