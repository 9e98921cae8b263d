/** The quality measures of elements as people call them, with their units (docs/quality.md). */

const KNOWN: Record<string, { label: string; unit?: string }> = {
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

export function measureUnit(name: string): string {
  return KNOWN[name]?.unit ?? "";
}
