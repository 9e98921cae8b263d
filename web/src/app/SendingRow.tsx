/** A file on its way. */
import { bytes } from "../format";
import { Button, IconButton, Progress } from "../ui/controls";
import { Icon } from "../ui/icons";
import styles from "./Home.module.css";
import { type Sending, useUploads } from "./uploads";

export function SendingRow({ sending: s }: { sending: Sending }) {
  const { cancel, retry } = useUploads();
  return (
    <div className={styles.row}>
      <div className={styles.name}>{s.name}</div>
      <div className={styles.grow}>
        {s.error ? (
          <span className={styles.bad}>{s.error}</span>
        ) : (
          <Progress value={s.total ? s.sent / s.total : 1} label={`Upload of ${s.name}`} />
        )}
      </div>
      <div className={styles.sent}>{s.waiting ? "waiting for the network" : `${bytes(s.sent)} of ${bytes(s.total)}`}</div>
      {s.error && (
        <Button kind="quiet" onClick={() => retry(s.key)}>
          Try again
        </Button>
      )}
      <IconButton kind="quiet" label={`Cancel the upload of ${s.name}`} onClick={() => cancel(s.key)}>
        <Icon name="close" />
      </IconButton>
    </div>
  );
}
