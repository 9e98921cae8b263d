/** The figures of two meshes side by side. */
import type { Mesh } from "../api/client";
import { Icon } from "../ui/icons";
import styles from "./Compare.module.css";
import { figures } from "./figures";

export function Figures({ left, right, units }: { left: Mesh; right: Mesh; units?: string }) {
  return (
    <table className={styles.figures}>
      <caption className="visually-hidden">Figures of both meshes</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Figure</span>
          </th>
          <th scope="col">Left</th>
          <th scope="col">Right</th>
          <th scope="col">Right − left</th>
        </tr>
      </thead>
      <tbody>
        {figures(left, right, units).map((f) => (
          <tr key={f.name}>
            <th scope="row">{f.name}</th>
            <Value text={f.left} better={f.better === "left"} />
            <Value text={f.right} better={f.better === "right"} />
            <td className={styles.difference}>{f.difference || <span className="visually-hidden">none</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ text, better }: { text: string; better: boolean }) {
  return (
    <td className={better ? styles.better : undefined}>
      {better && (
        <>
          <Icon name="check" size={13} />
          <span className="visually-hidden">better: </span>
        </>
      )}
      {text}
    </td>
  );
}
