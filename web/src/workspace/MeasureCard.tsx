/** What is measured, in words and numbers. */
import { measure, number } from "../format";
import type { Measured, Place } from "../viewer/measure/measuring";
import styles from "./Scene.module.css";

const SMALL = 5e-4; // of a distance, whose four digits say no more

/** roundedUp has one digit. */
export function roundedUp(x: number): number {
  const step = 10 ** Math.floor(Math.log10(x));
  return Number((Math.ceil(x / step - 1e-9) * step).toPrecision(1));
}

interface Props {
  measured: Measured | null;
  units?: string;
  /** There are elements, whose corners are nodes. */
  elements: boolean;
}

export function MeasureCard({ measured, units, elements }: Props) {
  return (
    <output className={styles.pick} aria-live={measured?.marked ? "polite" : "off"}>
      <Words measured={measured} units={units} elements={elements} />
    </output>
  );
}

function Words({ measured, units, elements }: Props) {
  if (!measured) return <span>Click two places to measure between. Corners and edges draw the pointer.</span>;
  const { from, to, distance, tolerance } = measured;
  const on = (place: Place) => ({ corner: elements ? "a node" : "a corner", edge: "an edge", face: "a face" })[place.on];
  if (!to) return <span>From {on(from)}: click where to</span>;
  return (
    <>
      <strong>{measure(distance, units)}</strong>
      {tolerance > SMALL * distance && <span>± {measure(roundedUp(tolerance), units)}: places are no finer</span>}
      <span>
        {["Δx", "Δy", "Δz"].map((name, k) => `${name} ${number(Math.abs(to.point[k] - from.point[k]))}`).join(", ")} {units}
      </span>
      <span>
        from {on(from)} to {on(to)}
      </span>
    </>
  );
}
