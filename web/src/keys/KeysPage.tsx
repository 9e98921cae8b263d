/** The API keys of a tenant: made, replaced and revoked by whoever has one of scope admin. */
import { useRef, useState } from "react";
import { useSession } from "../app/Person";
import { ago, day } from "../format";
import { Awaiting } from "../ui/Awaiting";
import { Confirm } from "../ui/Confirm";
import { Button, Field } from "../ui/controls";
import controls from "../ui/controls.module.css";
import lists from "../ui/lists.module.css";
import { Removing } from "../ui/Removing";
import { Secrets, useSecrets } from "../ui/Secrets";
import { useTitle } from "../ui/useTitle";
import styles from "./KeysPage.module.css";
import { NewKeyForm } from "./NewKeyForm";
import { KEYS, type Key, type NewKey, useKeyList, useRevokeKey, useRotateKey } from "./queries";

const FORBIDDEN = 403;

export default function KeysPage() {
  useTitle("API keys");
  const keys = useKeyList();
  const session = useSession();
  const secrets = useSecrets<NewKey>();
  const rotate = useRotateKey();
  const revoke = useRevokeKey();
  const [replacing, setReplacing] = useState<Key | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const own = (k: Key) => k.id === session.data?.actor;
  return (
    <div className={lists.page}>
      <h1 className={lists.heading}>API keys</h1>
      {keys.error?.status !== FORBIDDEN && <NewKeyForm onMade={secrets.add} />}
      <Secrets
        secrets={secrets}
        about={({ name }) => (
          <>
            The key <strong>{name}</strong>.
          </>
        )}
        copy="Copy the key"
        after={heading}
      />
      <section aria-labelledby="keys-title">
        <h2 ref={heading} tabIndex={-1} id="keys-title" className={lists.title}>
          Keys of {session.data?.tenant_name ?? "this tenant"}
        </h2>
        <Awaiting query={keys} queryKey={KEYS} label="Loading the keys" />
        <ul className={lists.list}>
          {keys.data?.items.map((k) => (
            <Row key={k.id} k={k} own={own(k)} onReplace={() => setReplacing(k)} onRevoke={() => setRevoking(k)} />
          ))}
        </ul>
        {keys.data?.items.length === 0 && (
          <p className={lists.quiet}>None yet. Whoever has one acts as you, as far as it may.</p>
        )}
        {keys.data?.next_cursor && <p className={lists.quiet}>Older ones are listed by GET /v1/keys.</p>}
      </section>
      {replacing && <Replace k={replacing} rotate={rotate} onMade={secrets.add} onClose={() => setReplacing(null)} />}
      {revoking && (
        <Removing
          title={`Revoke ${revoking.name}?`}
          action="Revoke"
          remove={revoke}
          what={revoking.id}
          onRemoved={() => secrets.putAway(revoking.id)}
          onClose={() => setRevoking(null)}
          beside={heading}
        >
          <p>
            It is refused from the next request on, with every session that was opened with it, and there is no way back.
            {own(revoking) && " You are logged in with it: you will have to log in with another."}
          </p>
        </Removing>
      )}
    </div>
  );
}

function Row({ k, own, onReplace, onRevoke }: { k: Key; own: boolean; onReplace: () => void; onRevoke: () => void }) {
  const facts = [
    k.status === "active" ? (k.expires_at ? `until ${day(k.expires_at)}` : "does not expire") : k.status,
    `made ${ago(k.created_at)}`,
    k.last_used_at ? `used ${ago(k.last_used_at)}` : "never used",
    k.replaced_by && "replaced",
  ];
  return (
    <li className={lists.row} data-status={k.status}>
      <div className={lists.what}>
        <span className={`${lists.name} ${k.status === "active" ? "" : styles.over}`}>
          {k.name} {own && <span className={lists.quiet}>(yours, now)</span>}
        </span>
        <span className={styles.prefix}>{k.prefix}_…</span>
        <span className={lists.quiet}>{facts.filter(Boolean).join(", ")}</span>
      </div>
      <span className={lists.word}>{k.scope}</span>
      {k.status === "active" && (
        <div className={lists.actions}>
          {!k.replaced_by && (
            <Button aria-label={`Replace ${k.name}`} onClick={onReplace}>
              Replace
            </Button>
          )}
          <Button aria-label={`Revoke ${k.name}`} onClick={onRevoke}>
            Revoke
          </Button>
        </div>
      )}
    </li>
  );
}

const OVERLAPS = [
  { label: "at once", seconds: 0 },
  { label: "an hour", seconds: 3600 },
  { label: "a day", seconds: 86_400 },
  { label: "a week", seconds: 604_800 },
];
const FIRST_OVERLAP = 86_400;

interface ReplaceProps {
  k: Key;
  /** What makes the other one. The page holds it: a key that is made has to be shown. */
  rotate: ReturnType<typeof useRotateKey>;
  onMade: (made: NewKey) => void;
  onClose: () => void;
}

function Replace({ k, rotate, onMade, onClose }: ReplaceProps) {
  const [overlap, setOverlap] = useState(FIRST_OVERLAP);
  const made = (key: NewKey) => {
    onMade(key);
    rotate.reset(); // the page alone holds the secret
    onClose();
  };
  return (
    <Confirm
      title={`Replace ${k.name}?`}
      action="Replace"
      busy={rotate.isPending}
      error={rotate.variables?.id === k.id ? rotate.error?.message : undefined}
      onClose={() => {
        if (!rotate.isPending) rotate.reset(); // the key that comes is still to be shown
        onClose();
      }}
      onConfirm={() => rotate.mutate({ id: k.id, overlap }, { onSuccess: made })}
    >
      <div className={lists.form}>
        <p>A key of the same name and scope is made. Programs change over while the old one still works.</p>
        <Field id="key-overlap" label="The old one ends after">
          <select
            id="key-overlap"
            className={controls.input}
            value={overlap}
            onChange={(e) => setOverlap(Number(e.target.value))}
          >
            {OVERLAPS.map((o) => (
              <option key={o.seconds} value={o.seconds}>
                {o.label}
              </option>
            ))}
          </select>
        </Field>
      </div>
    </Confirm>
  );
}
