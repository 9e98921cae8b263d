/** Everything that can be said of a mesh beyond its fineness, in the order of docs/spec.md. */

import { useDraft } from "./draft";
import { Entries } from "./Entries";
import { Formats } from "./Formats";
import { ChoiceField, NumberField, Section, TextField } from "./fields";
import { SpecText } from "./SpecText";

const STRATEGIES = [
  ["auto", "Automatic"],
  ["delaunay", "Delaunay"],
  ["frontal", "Frontal"],
  ["hxt", "HXT"],
  ["mmg", "MMG"],
  ["hex", "Hexahedra"],
  ["lattice", "Lattice"],
] as const;

const ABOUT: Record<string, string> = {
  auto: "Tries one after the other until the mesh is right",
  delaunay: "Robust, with sizes that are kept",
  frontal: "More regular elements, slower; refinements hold on the surface only",
  hxt: "Fastest on large meshes",
  mmg: "Delaunay, then MMG's remesher, one solid after the other",
  hex: "Each tetrahedron is cut into four hexahedra",
  lattice: "A regular grid cut by the surface: fills what nothing else does, and rounds edges",
};

const UNITS = [
  ["", "Of the part"],
  ["um", "µm"],
  ["mm", "mm"],
  ["cm", "cm"],
  ["m", "m"],
  ["in", "in"],
  ["ft", "ft"],
] as const;

export function Sections() {
  return (
    <div>
      <Sizes />
      <Method />
      <Entries />
      <Output />
      <SpecText />
    </div>
  );
}

function Sizes() {
  const { spec, unit } = useDraft();
  const size = spec.size ?? {};
  const changed = [
    size.max !== undefined && `≤ ${size.max} ${unit}`,
    size.min !== undefined && `≥ ${size.min} ${unit}`,
    size.target_elements !== undefined && `${size.target_elements} elements`,
    size.wall_elements !== undefined && `${size.wall_elements} across walls`,
    size.curvature !== undefined && `${size.curvature} a circle`,
    size.growth !== undefined && `growth ${size.growth}`,
  ];
  return (
    <Section name="Sizes" paths={["size"]} changed={changed.filter(Boolean).join(", ")}>
      <NumberField
        path="size.max"
        label="Longest edge"
        unit={unit}
        usual="by fineness"
        hint="Takes the place of the fineness"
      />
      <NumberField
        path="size.min"
        label="Shortest edge"
        unit={unit}
        usual="a fifteenth"
        hint="No edge is finer, refined or not"
      />
      <NumberField
        path="size.curvature"
        label="Around a circle"
        unit="elements"
        usual="up to 30"
        whole
        hint="3 to 1000, everywhere. Where it is not said, fewer where the arc does not matter"
      />
      <NumberField
        path="size.growth"
        label="Growth"
        unit="×"
        usual={1.3}
        hint="1.05 to 3: how much longer than its neighbour an element may be"
      />
      <NumberField
        path="size.wall_elements"
        label="Across thin walls"
        unit="elements"
        usual="any"
        whole
        hint="1 to 20, at least, wherever two faces lie opposite each other"
      />
      <NumberField
        path="size.target_elements"
        label="Number of elements"
        usual="by size"
        whole
        hint="Met within 20 %: all sizes are scaled together. Up to six passes"
      />
    </Section>
  );
}

function Method() {
  const { spec } = useDraft();
  const changed = [
    spec.strategy && STRATEGIES.find(([v]) => v === spec.strategy)?.[1],
    spec.element && "hex-dominant",
    spec.order && `order ${spec.order}`,
    spec.heal === "off" && "not mended",
    spec.device === "cpu" ? "on the CPU" : spec.device === "cuda" && "on a GPU",
  ];
  return (
    <Section
      name="Elements"
      paths={["strategy", "order", "element", "heal", "device"]}
      changed={changed.filter(Boolean).join(", ")}
    >
      <ChoiceField path="strategy" label="Strategy" hint={ABOUT[spec.strategy ?? "auto"]} options={STRATEGIES} />
      <ChoiceField
        path="element"
        label="Shape"
        hint={
          spec.element === "hex-dominant"
            ? "Cubes inside, tetrahedra along the surface, pyramids between"
            : "Tetrahedra fill any part; hexahedra alone are a strategy"
        }
        options={[
          ["tet", "Tetrahedra"],
          ["hex-dominant", "Hex-dominant"],
        ]}
      />
      <ChoiceField
        path="order"
        label="Order"
        hint="2 and 3 follow curved faces. Straight with layers and hexahedra"
        options={[
          [1, "1, straight"],
          [2, "2, quadratic"],
          [3, "3, cubic"],
        ]}
      />
      <ChoiceField
        path="heal"
        label="Mending"
        hint="Sews and joins the geometry where that helps; off takes it as it is"
        options={[
          ["auto", "Automatic"],
          ["off", "Off"],
        ]}
      />
      <ChoiceField
        path="device"
        label="Device"
        hint="A GPU can make lattices, and makes the same mesh"
        options={[
          ["auto", "Any"],
          ["cpu", "CPU alone"],
          ["cuda", "GPU"],
        ]}
      />
    </Section>
  );
}

function Output() {
  const { spec } = useDraft();
  const changed = [spec.formats?.join(", "), spec.time_limit, spec.units && `lengths in ${spec.units}`];
  return (
    <Section
      name="Files, time and units"
      paths={["formats", "time_limit", "units"]}
      changed={changed.filter(Boolean).join("; ")}
    >
      <Formats />
      <TextField path="time_limit" label="Time limit" usual="120s" hint="Of all stages together: 1s to 30m" />
      <ChoiceField path="units" label="Unit of lengths" hint="Of every length in this panel" options={UNITS} />
    </Section>
  );
}
