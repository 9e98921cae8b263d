import { Button } from "../ui/controls";
import { useDraft } from "./draft";
import styles from "./Setup.module.css";

/** FromScene takes the faces that are picked in the scene, and picks those that were taken. */
export function FromScene({ tags, onTake }: { tags: readonly number[]; onTake: (tags: number[]) => void }) {
  const { picked, onPicked } = useDraft();
  return (
    <div className={styles.buttons}>
      <Button disabled={picked.length === 0} onClick={() => onTake([...picked])}>
        Take the picked{picked.length > 0 && ` (${picked.length})`}
      </Button>
      <Button kind="quiet" disabled={tags.length === 0} onClick={() => onPicked([...tags])}>
        Show them
      </Button>
    </div>
  );
}
