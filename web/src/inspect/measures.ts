/** The quality measures of elements as people call them, with their units (docs/quality.md). */

const KNOWN: Record<string, { label: string; unit?: string; length?: boolean }> = {
  size: { label: "Element size", length: true },
  gamma: { label: "Gamma" },
  sicn: { label: "SICN" },
  jacobian: { label: "Scaled Jacobian" },
  skewness: { label: "Skewness" },
  aspect: { label: "Aspect ratio" },
  edge_ratio: { label: "Edge ratio" },
  min_dihedral: { label: "Smallest dihedral angle", unit: "°" },
  max_dihedral: { label: "Largest dihedral angle", unit: "°" },
};

export function measureLabel(name: string): string {
  return KNOWN[name]?.label ?? name.replaceAll("_", " ");
}

/** measureUnit returns what stands after a value; units are those of the geometry's lengths. */
export function measureUnit(name: string, units?: string): string {
  if (KNOWN[name]?.length) return units ? `\u202f${units}` : "";
  return KNOWN[name]?.unit ?? "";
}
