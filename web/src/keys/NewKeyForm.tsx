/** Making a key, and showing it the one time that it can be shown. */
import { type FormEvent, useState } from "react";
import { Copy } from "../ui/Copy";
import { Button, Field, Note } from "../ui/controls";
import controls from "../ui/controls.module.css";
import styles from "./KeysPage.module.css";
import { type NewKey, type Scope, useCreateKey } from "./queries";

const SCOPES: { scope: Scope; label: string }[] = [
  { scope: "read", label: "read: look and download" },
  { scope: "write", label: "write: upload, mesh, delete, share" },
  { scope: "admin", label: "admin: keys and the audit log, too" },
];

const LIVES = [
  { label: "does not expire", days: 0 },
  { label: "30 days", days: 30 },
  { label: "90 days", days: 90 },
  { label: "a year", days: 365 },
];
const FIRST_LIFE = 90;
const DAY = 86_400_000; // milliseconds

export function NewKeyForm({ onMade }: { onMade: (made: NewKey) => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("write");
  const [days, setDays] = useState(FIRST_LIFE);
  const create = useCreateKey();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const expires_at = days === 0 ? undefined : new Date(Date.now() + days * DAY).toISOString();
    create.mutate(
      { name: name.trim(), scope, expires_at },
      {
        onSuccess: (made) => {
          setName("");
          onMade(made);
        },
      },
    );
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label="New key">
      <div className={styles.fields}>
        <Field id="key-name" label="Name" error={create.error?.message}>
          <input
            id="key-name"
            className={controls.input}
            required
            maxLength={100}
            autoComplete="off"
            placeholder="what it is for, such as nightly variants"
            aria-invalid={create.isError}
            aria-describedby={create.isError ? "key-name-hint" : undefined}
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        </Field>
        <Field id="key-scope" label="It may">
          <select id="key-scope" className={controls.input} value={scope} onChange={(e) => setScope(e.target.value as Scope)}>
            {SCOPES.map((s) => (
              <option key={s.scope} value={s.scope}>
                {s.label}
              </option>
            ))}
          </select>
        </Field>
        <Field id="key-life" label="It works for">
          <select id="key-life" className={controls.input} value={days} onChange={(e) => setDays(Number(e.target.value))}>
            {LIVES.map((l) => (
              <option key={l.days} value={l.days}>
                {l.label}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <div>
        <Button kind="primary" type="submit" disabled={create.isPending}>
          Make a key
        </Button>
      </div>
    </form>
  );
}

/** Secret shows a key that was just made. */
export function Secret({ made, onDone }: { made: NewKey; onDone: () => void }) {
  return (
    <Note kind="good">
      <div className={styles.form}>
        <label htmlFor="key-secret">
          The key <strong>{made.name}</strong>. Copy it now: it is not shown again.
        </label>
        <input
          id="key-secret"
          className={`${controls.input} ${styles.secret}`}
          readOnly
          value={made.secret}
          onFocus={(e) => e.currentTarget.select()}
        />
        <div className={styles.actions}>
          <Copy text={() => made.secret}>Copy the key</Copy>
          <Button onClick={onDone}>I have it</Button>
        </div>
      </div>
    </Note>
  );
}
