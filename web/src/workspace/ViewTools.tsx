/** The tools of the scene: where one looks from, how things look, what colours mean. */
import { useRef } from "react";
import { measureLabel } from "../inspect/measures";
import { CopyButton } from "../ui/Copy";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useMore } from "../ui/useMore";
import type { MeshViewer } from "../viewer/MeshViewer";
import type { Measure } from "../viewer/surfaceFile";
import type { Kinds, StandardView } from "../viewer/types";
import { FIRST_APART, FIRST_CUT, type Look } from "./look";
import styles from "./Scene.module.css";

export const VIEWS: { view: StandardView; key: string; label: string }[] = [
  { view: "iso", key: "0", label: "Oblique" },
  { view: "front", key: "1", label: "Front" },
  { view: "back", key: "2", label: "Back" },
  { view: "left", key: "3", label: "Left" },
  { view: "right", key: "4", label: "Right" },
  { view: "top", key: "5", label: "Top" },
  { view: "bottom", key: "6", label: "Bottom" },
];

interface Props {
  viewer: MeshViewer | null;
  look: Look;
  onLook: (change: Partial<Look>) => void;
  measures: readonly Pick<Measure, "name">[];
  /** There are several solids, which may be drawn apart and told apart. */
  solids?: boolean;
  /** There are groups to colour by. */
  groups?: boolean;
  /** There are elements, not a tessellation. */
  elements?: boolean;
  /** Whether the tree of entities is open, where there is one. */
  tree?: boolean;
  /** The address that shows the same again. */
  link?: () => string;
  /** Whether clicks measure, where they can. */
  measuring?: boolean;
  onMeasuring?: () => void;
  onTree?: () => void;
}

export function ViewTools({
  viewer,
  look,
  onLook,
  measures,
  solids,
  groups,
  elements,
  tree,
  onTree,
  link,
  measuring,
  onMeasuring,
}: Props) {
  const { coloring, edges, xray, orthographic, cut, apart } = look;
  const row = useRef<HTMLDivElement>(null);
  useMore(row);
  return (
    <div ref={row} className={styles.tools} role="toolbar" aria-label="View">
      {onTree && (
        <IconButton label="Entities (T)" pressed={tree} onClick={onTree}>
          <Icon name="tree" />
        </IconButton>
      )}
      <IconButton label="Fit (F)" onClick={() => viewer?.fit()}>
        <Icon name="fit" />
      </IconButton>
      <select
        className={styles.select}
        aria-label="Standard view"
        value=""
        onChange={(e) => viewer?.look(e.target.value as StandardView)}
      >
        <option value="" disabled>
          View
        </option>
        {VIEWS.map((v) => (
          <option key={v.view} value={v.view}>
            {v.label} ({v.key})
          </option>
        ))}
      </select>
      <IconButton
        label="Perspective or parallel (P)"
        pressed={orthographic}
        onClick={() => onLook({ orthographic: !orthographic })}
      >
        <Icon name="perspective" />
      </IconButton>
      <IconButton label="Edges of elements (E)" pressed={edges} onClick={() => onLook({ edges: !edges })}>
        <Icon name="edges" />
      </IconButton>
      <IconButton label="See through (X)" pressed={xray} onClick={() => onLook({ xray: !xray })}>
        <Icon name="xray" />
      </IconButton>
      <IconButton label="Cut (C)" pressed={cut !== null} onClick={() => onLook({ cut: cut ? null : FIRST_CUT })}>
        <Icon name="cut" />
      </IconButton>
      {solids && (
        <IconButton
          label="Solids apart (D)"
          pressed={apart !== null}
          onClick={() => onLook({ apart: apart === null ? FIRST_APART : null })}
        >
          <Icon name="explode" />
        </IconButton>
      )}
      {onMeasuring && (
        <IconButton label="Measure (M)" pressed={measuring} onClick={onMeasuring}>
          <Icon name="ruler" />
        </IconButton>
      )}
      <select
        className={styles.select}
        aria-label="Colour by"
        value={coloring.by === "measure" ? `measure:${coloring.name}` : coloring.by}
        onChange={(e) => {
          const [by, name] = e.target.value.split(":");
          onLook({ coloring: by === "measure" ? { by, name } : { by: by as Kinds } });
        }}
      >
        <option value="plain">Plain</option>
        <option value="face">Faces</option>
        <option value="cad">CAD colours</option>
        {solids && <option value="solid">Solids</option>}
        {groups && <option value="group">Groups</option>}
        {elements && <option value="type">Element types</option>}
        {measures.map((m) => (
          <option key={m.name} value={`measure:${m.name}`}>
            {measureLabel(m.name)}
          </option>
        ))}
      </select>
      <IconButton label="Save a picture" onClick={() => viewer && void save(viewer)}>
        <Icon name="camera" />
      </IconButton>
      {link && <CopyButton text={link} label="Copy a link to this view" icon="link" />}
    </div>
  );
}

async function save(viewer: MeshViewer): Promise<void> {
  const url = URL.createObjectURL(await viewer.screenshot());
  const a = document.createElement("a");
  a.href = url;
  a.download = "meshgen.png";
  a.click();
  URL.revokeObjectURL(url);
}
