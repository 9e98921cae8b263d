/** Why there is no picture, in its place, and a way to try again where that may help. */
import { Button, Note } from "../ui/controls";
import styles from "./Unseen.module.css";

export interface Reason {
  words: string;
  /** What is missing may be there another time. */
  passing?: boolean;
}

/** notLoaded is what there is to say of files that could not be fetched. */
export const notLoaded = (e: Error): Reason => ({ words: `The picture could not be loaded: ${e.message}`, passing: true });

export function Unseen({ reason, onAgain }: { reason: Reason; onAgain: () => void }) {
  return (
    <div className={styles.unseen} role="alert">
      <Note kind="bad">{reason.words}</Note>
      {reason.passing && <Button onClick={onAgain}>Try again</Button>}
    </div>
  );
}
