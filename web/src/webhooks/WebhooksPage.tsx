/** Webhooks of a tenant: who is told of what, and what was told. For whoever has a key of scope admin. */
import { useMemo, useRef, useState } from "react";
import { Awaiting } from "../ui/Awaiting";
import { Button, Note } from "../ui/controls";
import lists from "../ui/lists.module.css";
import { Removing } from "../ui/Removing";
import { Secrets, useSecrets } from "../ui/Secrets";
import { useTitle } from "../ui/useTitle";
import { Deliveries } from "./Deliveries";
import { MOST, NewEndpointForm } from "./NewEndpointForm";
import {
  ENDPOINTS,
  type Endpoint,
  type NewEndpoint,
  useEndpoints,
  usePauseEndpoint,
  useRemoveEndpoint,
  useTestEndpoint,
} from "./queries";
import { RequestSecret } from "./RequestSecret";
import styles from "./WebhooksPage.module.css";
import { told } from "./words";

export default function WebhooksPage() {
  useTitle("Webhooks");
  const endpoints = useEndpoints();
  const secrets = useSecrets<NewEndpoint>();
  const remove = useRemoveEndpoint();
  const [removing, setRemoving] = useState<Endpoint | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const items = endpoints.data?.items;
  const paused = useMemo(() => new Set(items?.filter((e) => e.status === "paused").map((e) => e.id)), [items]);
  return (
    <div className={lists.page}>
      <h1 className={lists.heading}>Webhooks</h1>
      {endpoints.data?.sending === false && (
        <Note kind="warn">This service sends no webhooks: the operator has to set MESHGEN_WEBHOOK_SECRET.</Note>
      )}
      {endpoints.data?.sending && items && <NewEndpointForm full={items.length >= MOST} onMade={secrets.add} />}
      <Secrets
        secrets={secrets}
        about={({ url }) => (
          <>
            What <strong>{url}</strong> is sent is signed with this secret.
          </>
        )}
        copy="Copy the secret"
        after={heading}
      />
      <section aria-labelledby="endpoints-title">
        <h2 ref={heading} tabIndex={-1} id="endpoints-title" className={lists.title}>
          Endpoints
        </h2>
        <Awaiting query={endpoints} queryKey={ENDPOINTS} label="Loading the endpoints" />
        {items?.length === 0 && (
          <p className={lists.quiet}>None yet. The request of a mesh or batch can name an address too, for that one alone.</p>
        )}
        <ul className={lists.list}>
          {items?.map((e) => (
            <Row key={e.id} endpoint={e} onRemove={() => setRemoving(e)} />
          ))}
        </ul>
      </section>
      {(items || !endpoints.isError) && <Deliveries paused={paused} />}
      {endpoints.data?.sending && <RequestSecret />}
      {removing && (
        <Removing
          title="Remove the endpoint?"
          action="Remove"
          remove={remove}
          what={removing.id}
          onRemoved={() => secrets.putAway(removing.id)}
          onClose={() => setRemoving(null)}
          beside={heading}
        >
          <p className={styles.url}>{removing.url}</p>
          <p>What it was still to be told is given up. Its secret ends with it: another endpoint has another.</p>
        </Removing>
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
    <li className={`${lists.row} ${styles.row}`} data-status={e.status}>
      <div className={lists.what}>
        <span className={styles.url}>{e.url}</span>
        <span className={lists.quiet}>
          {paused ? "paused: is told nothing" : `is told of: ${told(e.events)}`}
          <span aria-live="polite">{test.isSuccess && ", a test is on its way"}</span>
        </span>
      </div>
      <div className={lists.actions}>
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
        <p className={lists.wrong} role="alert">
          {wrong.message}
        </p>
      )}
    </li>
  );
}
