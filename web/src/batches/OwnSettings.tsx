/** Settings of one's own for a batch, each as the JSON of a spec. */
import { useId } from "react";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import styles from "./Batches.module.css";
import type { Own } from "./draft";
import { nameOf, readOwn } from "./own";

interface Props {
  own: readonly Own[];
  onOwn: (own: readonly Own[]) => void;
}

export function OwnSettings({ own, onOwn }: Props) {
  const change = (key: string, part: Partial<Own>) => onOwn(own.map((o) => (o.key === key ? { ...o, ...part } : o)));
  return (
    <fieldset className={styles.owns}>
      <legend className={styles.legend}>Settings of your own</legend>
      {own.map((o, i) => (
        <Settings
          key={o.key}
          own={o}
          label={nameOf(o, i)}
          placeholder={nameOf({ name: "" }, i)}
          onChange={(part) => change(o.key, part)}
          onRemove={() => onOwn(own.filter((other) => other.key !== o.key))}
        />
      ))}
      <Button onClick={() => onOwn([...own, { key: crypto.randomUUID(), name: "", text: FIRST }])}>
        <Icon name="plus" /> Add settings as JSON
      </Button>
    </fieldset>
  );
}

const FIRST = '{\n  "size": { "fineness": 6 }\n}';

interface SettingsProps {
  own: Own;
  label: string;
  placeholder: string;
  onChange: (part: Partial<Own>) => void;
  onRemove: () => void;
}

function Settings({ own, label, placeholder, onChange, onRemove }: SettingsProps) {
  const id = useId();
  const read = readOwn(own);
  const wrong = "problem" in read;
  return (
    <div className={styles.own}>
      <div className={styles.ownHead}>
        <input
          className={styles.input}
          aria-label={`Name of ${label}`}
          maxLength={40}
          placeholder={placeholder}
          value={own.name}
          onChange={(e) => onChange({ name: e.target.value })}
        />
        <IconButton kind="quiet" label={`Remove ${label}`} onClick={onRemove}>
          <Icon name="trash" size={16} />
        </IconButton>
      </div>
      <textarea
        className={styles.json}
        aria-label={`Spec of ${label} as JSON`}
        aria-invalid={wrong || undefined}
        aria-describedby={`${id}-note`}
        spellCheck={false}
        rows={Math.min(14, Math.max(4, own.text.split("\n").length))}
        value={own.text}
        onChange={(e) => onChange({ text: e.target.value })}
      />
      <p id={`${id}-note`} className={wrong ? styles.bad : styles.quiet}>
        {wrong
          ? `This is no spec: ${read.problem}`
          : "A spec: what is not said is by default. A part's own page writes one, under As JSON."}
      </p>
    </div>
  );
}
