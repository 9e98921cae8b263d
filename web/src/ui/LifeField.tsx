/** How long something works that is given to others: a key, a link. */
import { Field } from "./controls";
import controls from "./controls.module.css";

/** A time that can be chosen; without days it has no end. */
export interface Life {
  label: string;
  days: number | null;
}

const DAY = 86_400_000; // milliseconds

/** expiry returns when something that is made now ends. */
export const expiry = ({ days }: Life): Date | undefined => (days === null ? undefined : new Date(Date.now() + days * DAY));

interface Props {
  id: string;
  lives: readonly Life[];
  life: Life;
  onLife: (life: Life) => void;
}

export function LifeField({ id, lives, life, onLife }: Props) {
  return (
    <Field id={id} label="It works for">
      <select
        id={id}
        className={controls.input}
        value={life.label}
        onChange={(e) => onLife(lives.find((l) => l.label === e.target.value) ?? life)}
      >
        {lives.map((l) => (
          <option key={l.label}>{l.label}</option>
        ))}
      </select>
    </Field>
  );
}
