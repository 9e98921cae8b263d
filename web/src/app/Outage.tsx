/** Says that the service cannot be reached, for as long as it cannot. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { service } from "../api/service";
import { Button, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import styles from "./Outage.module.css";

export function Outage() {
  const { reachable, next } = useSyncExternalStore(service.subscribe, service.get);
  const left = useSecondsTo(next);
  if (reachable) return null;
  return (
    <div className={styles.banner} role="alert">
      <Icon name="alert" />
      <p>
        <strong>The service cannot be reached.</strong> What is being made goes on, and nothing here is lost.
      </p>
      {next === 0 ? (
        <Spinner label="Trying again" />
      ) : (
        <span className={styles.next} aria-hidden="true">
          again in {left}
          {"\u202f"}s
        </span>
      )}
      <Button busy={next === 0} onClick={() => void service.ask()}>
        Try now
      </Button>
    </div>
  );
}

function useSecondsTo(moment: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (moment === 0) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [moment]);
  return Math.max(1, Math.ceil((moment - now) / 1000));
}
