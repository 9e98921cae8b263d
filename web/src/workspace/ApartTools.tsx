/** How far the solids are drawn apart. */
import styles from "./Scene.module.css";

export function ApartTools({ apart, onApart }: { apart: number; onApart: (apart: number) => void }) {
  return (
    <div className={styles.cut}>
      <span aria-hidden="true">Apart</span>
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={apart}
        aria-label="How far solids are apart"
        aria-valuetext={`${Math.round(100 * apart)} %`}
        onChange={(e) => onApart(Number(e.target.value))}
      />
    </div>
  );
}
