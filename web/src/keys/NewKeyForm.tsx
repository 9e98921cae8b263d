/** Making a key. */
import { type FormEvent, useState } from "react";
import { Button, Field } from "../ui/controls";
import controls from "../ui/controls.module.css";
import { expiry, type Life, LifeField } from "../ui/LifeField";
import lists from "../ui/lists.module.css";
import styles from "./KeysPage.module.css";
import { type NewKey, type Scope, useCreateKey } from "./queries";

const SCOPES: { scope: Scope; label: string }[] = [
  { scope: "read", label: "read: look and download" },
  { scope: "write", label: "write: upload, mesh, delete, share" },
  { scope: "admin", label: "admin: keys and the audit log, too" },
];

const USUAL: Life = { label: "90 days", days: 90 };
const LIVES: readonly Life[] = [
  { label: "as long as it is not revoked", days: null },
  { label: "30 days", days: 30 },
  USUAL,
  { label: "a year", days: 365 },
];

export function NewKeyForm({ onMade }: { onMade: (made: NewKey) => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("write");
  const [life, setLife] = useState(USUAL);
  const create = useCreateKey();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    create.mutate(
      { name: name.trim(), scope, expires_at: expiry(life)?.toISOString() },
      {
        onSuccess: (made) => {
          setName("");
          onMade(made);
          create.reset(); // what was made is the page's from here on, and so is its secret
        },
      },
    );
  };
  return (
    <form className={lists.form} onSubmit={submit} aria-label="New key">
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
        <LifeField id="key-life" lives={LIVES} life={life} onLife={setLife} />
      </div>
      <div>
        <Button kind="primary" type="submit" busy={create.isPending}>
          Make a key
        </Button>
      </div>
    </form>
  );
}
