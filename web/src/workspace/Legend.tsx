/** What the colours of the scene mean. */
import { number } from "../format";
import { scaleGradient } from "../viewer/colors";
import type { Measure } from "../viewer/surfaceFile";
import styles from "./Scene.module.css";

export function Legend({ measure }: { measure: Measure }) {
  return (
    <figure className={styles.legend}>
      <figcaption>{measure.name}</figcaption>
      <div className={styles.scale} style={{ background: scaleGradient() }} />
      <div className={styles.ends}>
        <span>{number(measure.low)}</span>
        <span>{number(measure.high)}</span>
      </div>
    </figure>
  );
}
