/** Webhooks of a tenant: who is told of what, and what was told. For whoever has a key of scope admin. */
import { useMemo, useRef, useState } from "react";
import { Confirm } from "../ui/Confirm";
import { Button, Note, Spinner } from "../ui/controls";
import { Deliveries } from "./Deliveries";
import { MOST, NewEndpointForm, Secret } from "./NewEndpointForm";
import { type Endpoint, type NewEndpoint, useEndpoints, usePauseEndpoint, useRemoveEndpoint, useTestEndpoint } from "./queries";
import { RequestSecret } from "./RequestSecret";
import styles from "./WebhooksPage.module.css";
import { told } from "./words";

const FORBIDDEN = 403;

export default function WebhooksPage() {
  const endpoints = useEndpoints();
  const [made, setMade] = useState<readonly NewEndpoint[]>([]); // whose secrets are still to be put away
  const [removing, setRemoving] = useState<Endpoint | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const items = endpoints.data?.items;
  const paused = useMemo(() => new Set(items?.filter((e) => e.status === "paused").map((e) => e.id)), [items]);
  const away = (id: string) => setMade((before) => before.filter((e) => e.id !== id));
  return (
    <div className={styles.page}>
      <h1 className={styles.heading}>Webhooks</h1>
      {endpoints.data?.sending === false && (
        <Note kind="warn">This service sends no webhooks: the operator has to set MESHGEN_WEBHOOK_SECRET.</Note>
      )}
      {endpoints.data?.sending && items && (
        <NewEndpointForm full={items.length >= MOST} onMade={(e) => setMade((before) => [...before, e])} />
      )}
      {made.map((e) => (
        <Secret
          key={e.id}
          made={e}
          onDone={() => {
            heading.current?.focus();
            away(e.id);
          }}
        />
      ))}
      <section aria-labelledby="endpoints-title">
        <h2 ref={heading} tabIndex={-1} id="endpoints-title" className={styles.title}>
          Endpoints
        </h2>
        {endpoints.isPending && <Spinner label="Loading the endpoints" />}
        {endpoints.isError && (
          <Note kind="bad">
            {endpoints.error.message}{" "}
            {endpoints.error.status !== FORBIDDEN && (
              <Button kind="quiet" onClick={() => endpoints.refetch()}>
                Try again
              </Button>
            )}
          </Note>
        )}
        {items?.length === 0 && (
          <p className={styles.quiet}>None yet. The request of a mesh or batch can name an address too, for that one alone.</p>
        )}
        <ul className={styles.list}>
          {items?.map((e) => (
            <Row key={e.id} endpoint={e} onRemove={() => setRemoving(e)} />
          ))}
        </ul>
      </section>
      {(items || !endpoints.isError) && <Deliveries paused={paused} />}
      {endpoints.data?.sending && <RequestSecret />}
      {removing && (
        <Remove
          endpoint={removing}
          onRemoved={() => away(removing.id)}
          onClose={() => setRemoving(null)}
          focusAfter={() => heading.current}
        />
      )}
    </div>
  );
}

function Row({ endpoint: e, onRemove }: { endpoint: Endpoint; onRemove: () => void }) {
  const pause = usePauseEndpoint();
  const test = useTestEndpoint();
  const wrong = pause.error ?? test.error;
  const paused = e.status === "paused";
  return (
    <li className={styles.row} data-status={e.status}>
      <div className={styles.what}>
        <span className={styles.url}>{e.url}</span>
        <span className={styles.quiet}>
          {paused ? "paused: is told nothing" : `is told of: ${told(e.events)}`}
          <span aria-live="polite">{test.isSuccess && ", a test is on its way"}</span>
        </span>
      </div>
      <div className={styles.actions}>
        {!paused && (
          <Button aria-label={`Send a test to ${e.url}`} busy={test.isPending} onClick={() => test.mutate(e.id)}>
            Send a test
          </Button>
        )}
        <Button
          aria-label={`${paused ? "Resume" : "Pause"} ${e.url}`}
          busy={pause.isPending}
          onClick={() => pause.mutate(e, { onSuccess: () => test.reset() })}
        >
          {paused ? "Resume" : "Pause"}
        </Button>
        <Button aria-label={`Remove ${e.url}`} onClick={onRemove}>
          Remove
        </Button>
      </div>
      {wrong && (
        <p className={styles.wrong} role="alert">
          {wrong.message}
        </p>
      )}
    </li>
  );
}

interface RemoveProps {
  endpoint: Endpoint;
  onRemoved: () => void;
  onClose: () => void;
  /** What has the focus once the endpoint is gone. */
  focusAfter: () => HTMLElement | null;
}

function Remove({ endpoint, onRemoved, onClose, focusAfter }: RemoveProps) {
  const remove = useRemoveEndpoint();
  const gone = useRef(false);
  return (
    <Confirm
      title="Remove the endpoint?"
      action="Remove"
      busy={remove.isPending}
      onClose={onClose}
      focusAfter={() => (gone.current ? focusAfter() : null)}
      onConfirm={() =>
        remove.mutate(endpoint.id, {
          onSuccess: () => {
            gone.current = true;
            onRemoved();
            onClose();
          },
        })
      }
    >
      <p className={styles.url}>{endpoint.url}</p>
      <p>What it was still to be told is given up. Its secret ends with it: another endpoint has another.</p>
      {remove.isError && <Note kind="bad">{remove.error.message}</Note>}
    </Confirm>
  );
}
