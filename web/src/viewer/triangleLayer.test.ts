import type { BufferAttribute } from "three";
import { expect, it } from "vitest";
import { FaceTable } from "./faceTable";
import { GONE, TriangleLayer } from "./triangleLayer";

const triangles = () => ({ corners: new Uint16Array(12), faceOf: new Uint16Array(1) });

it("keeps no corners that the card has, and makes them again for another card", () => {
  const t = triangles();
  const layer = new TriangleLayer(t, new FaceTable(1), () => Uint16Array.from({ length: 12 }, (_, i) => i));
  const position = layer.object.geometry.getAttribute("position") as BufferAttribute;
  position.onUploadCallback(); // as the renderer does
  expect([position.array, t.corners]).toEqual([GONE, GONE]);
  expect(position.count, "is what it was").toBe(3);
  layer.refill();
  expect([...position.array.slice(0, 3)]).toEqual([0, 1, 2]);
});

it("keeps corners that nobody can make again", () => {
  const t = triangles();
  const layer = new TriangleLayer(t, new FaceTable(1));
  (layer.object.geometry.getAttribute("position") as BufferAttribute).onUploadCallback();
  expect(t.corners).toHaveLength(12);
});
