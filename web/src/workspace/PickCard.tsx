/** What is under the pointer. */
import { number } from "../format";
import { measureLabel, measureUnit } from "../inspect/measures";
import type { Pick } from "../viewer/types";
import styles from "./Scene.module.css";

export function PickCard({ pick, units }: { pick: Pick; units?: string }) {
  return (
    <output className={styles.pick}>
      <strong>{pick.name ?? (pick.tag ? `${pick.face < 0 ? "Solid" : "Face"} ${pick.tag}` : "A face of no list")}</strong>
      {pick.element !== undefined && <span>element {pick.element}</span>}
      {pick.values.map((v) => (
        <span key={v.name}>
          {measureLabel(v.name)} {number(Number(v.value.toPrecision(2)))}
          {measureUnit(v.name, units)}
        </span>
      ))}
      <span>
        {pick.point.map((x) => number(x)).join(", ")} {units}
      </span>
    </output>
  );
}
