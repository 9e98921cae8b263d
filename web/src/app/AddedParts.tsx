/** Says how many parts others have added to a list that is held still, and shows them. */
import type { RefObject } from "react";
import { count } from "../format";
import { Button } from "../ui/controls";
import styles from "./Home.module.css";

interface Props {
  more: number;
  onShow: () => void;
  /** What stands above the list: the button goes when it is pressed, and who goes on by keyboard goes on from there. */
  heading: RefObject<HTMLElement | null>;
}

export function AddedParts({ more, onShow, heading }: Props) {
  const show = () => {
    onShow();
    heading.current?.focus();
  };
  return (
    <span role="status" className={styles.added}>
      {more > 0 && (
        <Button kind="quiet" className={styles.more} onClick={show}>
          Show {more === 1 ? "one more part" : `${count(more)} more parts`}
        </Button>
      )}
    </span>
  );
}
