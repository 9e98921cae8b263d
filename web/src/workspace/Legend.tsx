/** What the colours of the scene mean. */
import { number } from "../format";
import { measureLabel, measureUnit } from "../inspect/measures";
import { scaleGradient } from "../viewer/colors";
import type { Measure } from "../viewer/surfaceFile";
import styles from "./Scene.module.css";

export function Legend({ measure }: { measure: Measure }) {
  const unit = measureUnit(measure.name);
  return (
    <figure className={styles.legend}>
      <figcaption>{measureLabel(measure.name)}</figcaption>
      <div className={styles.scale} style={{ background: scaleGradient() }} />
      <div className={styles.ends}>
        <span>
          {number(measure.low)}
          {unit}
        </span>
        <span>
          {number(measure.high)}
          {unit}
        </span>
      </div>
    </figure>
  );
}
