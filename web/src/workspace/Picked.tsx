/** The faces that are picked, and what can be made of them. */
import type { Geometry } from "../api/client";
import { entityName } from "../entities/rows";
import { measure, plural } from "../format";
import type { Proposals } from "../setup/proposals";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import styles from "./Picked.module.css";
import { sameColor, wholeSolid } from "./picking";

const LISTED = 60; // of the faces that are picked; a thousand names help nobody

interface Props {
  geometry: Geometry;
  picked: readonly number[];
  onPicked: (faces: readonly number[]) => void;
  /** The faces that one comes to from others without crossing an edge. */
  smoothly: (faces: readonly number[]) => number[];
  propose: Proposals;
  onHide: () => void;
  onIsolate: () => void;
}

export function Picked({ geometry, picked, onPicked, smoothly, propose, onHide, onIsolate }: Props) {
  const faces = new Map(geometry.faces.map((f) => [f.tag, f]));
  const area = picked.reduce((sum, t) => sum + (faces.get(t)?.measure ?? 0), 0);
  const colored = sameColor(geometry, picked);
  const name = (tag: number) => entityName("face", tag, faces.get(tag)?.name);
  const whole = wholeSolid(geometry, picked);
  return (
    <section className={styles.card} aria-label="Picked faces">
      <header className={styles.head}>
        <h2>
          {whole
            ? entityName("solid", whole.tag, whole.name)
            : picked.length === 1
              ? name(picked[0])
              : plural(picked.length, "face")}
          {whole ? (
            <span> {measure(whole.measure, geometry.units, 3)}</span>
          ) : (
            area > 0 && <span> {measure(area, geometry.units, 2)}</span>
          )}
        </h2>
        <IconButton kind="quiet" label="Hide (H)" onClick={onHide}>
          <Icon name="eyeOff" size={16} />
        </IconButton>
        <IconButton kind="quiet" label="Isolate (I)" onClick={onIsolate}>
          <Icon name="only" size={16} />
        </IconButton>
        <IconButton kind="quiet" label="Pick nothing (Esc)" onClick={() => onPicked([])}>
          <Icon name="close" size={16} />
        </IconButton>
      </header>
      {whole && (
        <p className={styles.hint}>
          {plural(picked.length, "face")}, {measure(area, geometry.units, 2)}
        </p>
      )}
      {picked.length > 1 && !whole && (
        <ul className={styles.list}>
          {picked.slice(0, LISTED).map((tag) => (
            <li key={tag}>
              {name(tag)}
              <button
                type="button"
                aria-label={`Leave out ${name(tag)}`}
                title="Leave out"
                onClick={() => onPicked(picked.filter((t) => t !== tag))}
              >
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
          {picked.length > LISTED && <li>and {picked.length - LISTED} more</li>}
        </ul>
      )}
      <div className={styles.more}>
        <Button onClick={() => onPicked(smoothly(picked))} title="All faces that one comes to without crossing an edge">
          Tangent
        </Button>
        <Button disabled={colored.length === 0} onClick={() => onPicked(colored)} title="All faces of the same colour">
          Same colour
        </Button>
        <Button
          onClick={() => onPicked(geometry.faces.map((f) => f.tag).filter((t) => !picked.includes(t)))}
          title="All other faces"
        >
          Invert
        </Button>
      </div>
      <div className={styles.actions}>
        <Button onClick={() => propose.group(picked)}>Name a group</Button>
        <Button onClick={() => propose.refinement(picked)}>Refine here</Button>
        <Button onClick={() => propose.layer(picked)}>Grow layers</Button>
      </div>
      <p className={styles.hint}>Shift-click adds and takes away</p>
    </section>
  );
}
