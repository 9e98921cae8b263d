/** What the colours of the scene mean. */
import { count, number } from "../format";
import { measureLabel, measureUnit } from "../inspect/measures";
import { type RGB, scaleGradient } from "../viewer/colors";
import { valueOf } from "../viewer/glb";
import type { NamedScale } from "../viewer/palette";
import styles from "./Scene.module.css";

export function Legend({ measure, units }: { measure: NamedScale; units?: string }) {
  const marks = measure.log ? [0, 127.5, 255] : [0, 255];
  const unit = measureUnit(measure.name, units);
  const three = marks.length > 2; // there is no room for the unit at each
  return (
    <figure className={styles.legend}>
      <figcaption>
        {measureLabel(measure.name)}
        {three && unit && `,${unit}`}
      </figcaption>
      <div className={styles.scale} style={{ background: scaleGradient() }} />
      <div className={styles.ends}>
        {marks.map((byte) => (
          <span key={byte}>
            {number(Number(valueOf(measure, byte).toPrecision(3)))}
            {!three && unit}
          </span>
        ))}
      </div>
    </figure>
  );
}

/** A colour of the scene and what has it. */
export interface Swatch {
  label: string;
  color: RGB;
}

const LISTED = 10; // more names than that cover the part

export function Swatches({ title, swatches }: { title: string; swatches: readonly Swatch[] }) {
  return (
    <figure className={styles.legend}>
      <figcaption>{title}</figcaption>
      <ul className={styles.swatches}>
        {swatches.slice(0, LISTED).map(({ label, color }) => (
          <li key={label}>
            <span style={{ background: `rgb(${color.join(" ")})` }} />
            {label}
          </li>
        ))}
        {swatches.length > LISTED && <li>and {count(swatches.length - LISTED)} more</li>}
      </ul>
    </figure>
  );
}
