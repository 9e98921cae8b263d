/** The API keys of a tenant: made, replaced and revoked by whoever has one of scope admin. */
import { useState } from "react";
import { Link } from "wouter";
import { useSession } from "../app/Login";
import { ago, day } from "../format";
import { Confirm } from "../ui/Confirm";
import { Button, Field, Note, Spinner } from "../ui/controls";
import controls from "../ui/controls.module.css";
import styles from "./KeysPage.module.css";
import { NewKeyForm, Secret } from "./NewKeyForm";
import { type Key, type NewKey, useKeyList, useRevokeKey, useRotateKey } from "./queries";

export default function KeysPage() {
  const keys = useKeyList();
  const session = useSession();
  const [made, setMade] = useState<NewKey | null>(null);
  const [replacing, setReplacing] = useState<Key | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  return (
    <div className={styles.page}>
      <h1 className={styles.heading}>API keys</h1>
      <NewKeyForm onMade={setMade} />
      {made && <Secret made={made} onDone={() => setMade(null)} />}
      <section aria-labelledby="keys-title">
        <h2 id="keys-title" className={styles.title}>
          Keys of {session.data?.tenant_name ?? "this tenant"}
        </h2>
        {keys.isPending && <Spinner label="Loading the keys" />}
        {keys.isError && <Note kind="bad">{keys.error.message}</Note>}
        <ul className={styles.list}>
          {keys.data?.items.map((k) => (
            <Row
              key={k.id}
              k={k}
              own={k.id === session.data?.actor}
              onReplace={() => setReplacing(k)}
              onRevoke={() => setRevoking(k)}
            />
          ))}
        </ul>
        {keys.data?.items.length === 0 && (
          <p className={styles.quiet}>None yet. Whoever has one acts as you, as far as it may.</p>
        )}
        <p className={styles.quiet}>
          Who is told when meshes end: <Link href="/webhooks">webhooks</Link>.
        </p>
        {keys.data?.next_cursor && <p className={styles.quiet}>Older ones are listed by GET /v1/keys.</p>}
      </section>
      {replacing && <Replace k={replacing} onMade={setMade} onClose={() => setReplacing(null)} />}
      {revoking && (
        <Revoke
          k={revoking}
          own={revoking.id === session.data?.actor}
          onRevoked={() => revoking.id === made?.id && setMade(null)}
          onClose={() => setRevoking(null)}
        />
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
    <li className={styles.row} data-status={k.status}>
      <div className={styles.what}>
        <span className={styles.name}>
          {k.name} {own && <span className={styles.quiet}>(yours, now)</span>}
        </span>
        <span className={styles.prefix}>{k.prefix}_…</span>
        <span className={styles.quiet}>{facts.filter(Boolean).join(", ")}</span>
      </div>
      <span className={styles.scope}>{k.scope}</span>
      {k.status === "active" && (
        <div className={styles.actions}>
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

function Replace({ k, onMade, onClose }: { k: Key; onMade: (made: NewKey) => void; onClose: () => void }) {
  const [overlap, setOverlap] = useState(FIRST_OVERLAP);
  const rotate = useRotateKey();
  return (
    <Confirm
      title={`Replace ${k.name}?`}
      action="Replace"
      busy={rotate.isPending}
      onClose={onClose}
      onConfirm={() =>
        rotate.mutate(
          { id: k.id, overlap },
          {
            onSuccess: (made) => {
              onMade(made);
              onClose();
            },
          },
        )
      }
    >
      <div className={styles.form}>
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
        {rotate.isError && <Note kind="bad">{rotate.error.message}</Note>}
      </div>
    </Confirm>
  );
}

function Revoke({ k, own, onRevoked, onClose }: { k: Key; own: boolean; onRevoked: () => void; onClose: () => void }) {
  const revoke = useRevokeKey();
  return (
    <Confirm
      title={`Revoke ${k.name}?`}
      action="Revoke"
      busy={revoke.isPending}
      onClose={onClose}
      onConfirm={() =>
        revoke.mutate(k.id, {
          onSuccess: () => {
            onRevoked();
            onClose();
          },
        })
      }
    >
      <p>
        It is refused from the next request on, with every session that was opened with it, and there is no way back.
        {own && " You are logged in with it: you will have to log in with another."}
      </p>
      {revoke.isError && <Note kind="bad">{revoke.error.message}</Note>}
    </Confirm>
  );
}
