/** Says how many parts others have added to a list that is held still, and shows them. */
import { count } from "../format";
import { Button } from "../ui/controls";
import styles from "./Home.module.css";

export function AddedParts({ more, onShow }: { more: number; onShow: () => void }) {
  return (
    <span role="status" className={styles.added}>
      {more > 0 && (
        <Button kind="quiet" className={styles.more} onClick={onShow}>
          Show {more === 1 ? "one more part" : `${count(more)} more parts`}
        </Button>
      )}
    </span>
  );
}
