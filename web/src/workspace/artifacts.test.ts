import { expect, it } from "vitest";
import type { Artifact } from "../api/client";
import { filesOf } from "./artifacts";

const file = (format: string, preview?: boolean) => ({ format, name: `mesh.${format}`, preview }) as unknown as Artifact;

it("lists the files of a mesh in one order, however they came, without what the page shows itself", () => {
  const listed = (...files: Artifact[]) => filesOf({ artifacts: files }).map((a) => a.format);
  const wanted = ["msh", "vtk", "report", "log"];
  expect(listed(file("log"), file("vtk"), file("surface"), file("report"), file("msh"), file("volume"))).toEqual(wanted);
  expect(listed(file("surface", true), file("msh"), file("report"), file("vtk"), file("log"))).toEqual(wanted);
  expect(listed(file("zip"), file("msh")), "what it does not know comes last").toEqual(["msh", "zip"]);
});
