/** Where the part is cut. */
import type { Cut } from "../viewer/types";
import styles from "./Scene.module.css";

export function CutTools({ cut, onCut }: { cut: Cut; onCut: (cut: Cut) => void }) {
  return (
    <div className={styles.cut}>
      <select
        className={styles.select}
        aria-label="Axis of the cut"
        value={cut.axis}
        onChange={(e) => onCut({ ...cut, axis: Number(e.target.value) as Cut["axis"] })}
      >
        <option value={0}>x</option>
        <option value={1}>y</option>
        <option value={2}>z</option>
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
    </div>
  );
}
