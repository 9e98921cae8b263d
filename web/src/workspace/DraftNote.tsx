/** Says that what is seen is a draft, and no mesh. */
import type { Mesh } from "../api/client";
import { count, measure } from "../format";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import styles from "./DraftNote.module.css";

export function DraftNote({ draft, units, onLeave }: { draft: Mesh; units?: string; onLeave: () => void }) {
  const { max } = draft.spec.size ?? {};
  return (
    <section className={styles.note} aria-label="Draft">
      <strong>Draft</strong>
      <span>
        about {count(Number((draft.counts?.elements.tetrahedron ?? 0).toPrecision(2)))} tetrahedra
        {max ? `, edges of ${measure(max, units)}` : ""}; by{" "}
        {draft.strategy === "lattice" || !draft.strategy ? "a lattice" : draft.strategy}, and not kept
      </span>
      <IconButton kind="quiet" label="Leave the draft" onClick={onLeave}>
        <Icon name="close" size={14} />
      </IconButton>
    </section>
  );
}
