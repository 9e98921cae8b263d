/** Where and how the part is cut. */
import { Spinner } from "../ui/controls";
import type { MeshViewer } from "../viewer/MeshViewer";
import type { Cut, Point } from "../viewer/types";
import styles from "./Scene.module.css";

const AXES: { name: string; normal: Point }[] = [
  { name: "x", normal: [1, 0, 0] },
  { name: "y", normal: [0, 1, 0] },
  { name: "z", normal: [0, 0, 1] },
];
const FACING = "facing";

interface Props {
  viewer: MeshViewer | null;
  cut: Cut;
  onCut: (cut: Cut) => void;
  /** There are elements to cut, not the surface alone. */
  elements: boolean;
  loading: boolean;
}

export function CutTools({ viewer, cut, onCut, elements, loading }: Props) {
  const axis = AXES.find((a) => a.normal.every((v, k) => v === cut.normal[k]));
  const turn = (name: string) => {
    const normal = AXES.find((a) => a.name === name)?.normal ?? viewer?.camera?.towardsEye;
    if (normal) onCut({ ...cut, normal });
  };
  return (
    <div className={styles.cut}>
      <select
        className={styles.select}
        aria-label="Direction of the cut"
        value={axis?.name ?? FACING}
        onChange={(e) => turn(e.target.value)}
      >
        {AXES.map((a) => (
          <option key={a.name}>{a.name}</option>
        ))}
        <option value={FACING}>as seen</option>
      </select>
      <input
        type="range"
        min={0}
        max={1}
        step={0.002}
        value={cut.offset}
        aria-label="Place of the cut"
        onChange={(e) => onCut({ ...cut, offset: Number(e.target.value) })}
      />
      <label className={styles.flip}>
        <input type="checkbox" checked={cut.flipped} onChange={(e) => onCut({ ...cut, flipped: e.target.checked })} /> other
        side
      </label>
      {elements && (
        <label className={styles.flip}>
          <input
            type="checkbox"
            checked={cut.manner === "crinkle"}
            onChange={(e) => onCut({ ...cut, manner: e.target.checked ? "crinkle" : "section" })}
          />{" "}
          whole elements
        </label>
      )}
      {loading && <Spinner label="Loading the elements" />}
    </div>
  );
}
