/** The quality report of a mesh: what does not stand in the answer about it, the worst elements. */
import { useQuery } from "@tanstack/react-query";
import type { Artifact, Mesh } from "../api/client";

/** An element among the worst. */
export interface WorstElement {
  number: number;
  shape: string;
  solid: number;
  place: [number, number, number];
  /** What it is ranked by: gamma of a tetrahedron, scaled Jacobian of another shape. */
  score: number;
  values: Record<string, number>;
}

/** useWorst returns the worst elements of a mesh, worst first. The file never changes: it is fetched once. */
export function useWorst(mesh: Mesh) {
  const file = mesh.artifacts.find((a) => a.format === "report");
  return useQuery({
    queryKey: ["worst", file?.id],
    queryFn: () => fetchWorst(file as Artifact),
    enabled: file !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function fetchWorst(file: Artifact): Promise<WorstElement[]> {
  const answer = await fetch(file.url);
  if (!answer.ok) throw new Error(`The store answered ${answer.status}.`);
  const report = (await answer.json()) as { detail?: { worst?: WorstElement[] } };
  return report.detail?.worst ?? [];
}
