/** Secrets that were just made, each shown the one time that it can be: until somebody says that it is put away. */
import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import { Copy } from "./Copy";
import { Button, Note } from "./controls";
import controls from "./controls.module.css";
import lists from "./lists.module.css";

interface Made {
  id: string;
  secret: string;
}

/** useSecrets holds what was made, so that no secret takes the place of one that is not put away yet. */
export function useSecrets<T extends Made>() {
  const [made, setMade] = useState<readonly T[]>([]);
  return {
    made,
    add: (one: T) => setMade((before) => [...before, one]),
    putAway: (id: string) =>
      setMade((before) => {
        for (const m of before) if (m.id === id) m.secret = ""; // React keeps what it showed before, until it shows something again
        return before.filter((m) => m.id !== id);
      }),
  };
}

interface Props<T> {
  secrets: { made: readonly T[]; putAway: (id: string) => void };
  /** What each is, in words. */
  about: (made: T) => ReactNode;
  /** What the button says that copies it. */
  copy: string;
  /** Has the focus once one is put away. */
  after: RefObject<HTMLElement | null>;
}

export function Secrets<T extends Made>({ secrets, about, copy, after }: Props<T>) {
  return secrets.made.map((made) => (
    <Secret
      key={made.id}
      secret={made.secret}
      copy={copy}
      onDone={() => {
        after.current?.focus();
        secrets.putAway(made.id);
      }}
    >
      {about(made)}
    </Secret>
  ));
}

interface SecretProps {
  secret: string;
  copy: string;
  onDone: () => void;
  children: ReactNode;
}

/** Secret has the focus as it comes: what was pressed for it may be gone. */
function Secret({ secret, copy, onDone, children }: SecretProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <Note kind="good">
      <div className={lists.form} role="status">
        <label htmlFor={id}>{children} Copy it now: it is not shown again.</label>
        <input
          ref={field}
          id={id}
          className={`${controls.input} ${lists.secret}`}
          readOnly
          value={secret}
          onFocus={(e) => e.currentTarget.select()}
        />
        <div className={lists.actions}>
          <Copy text={() => secret}>{copy}</Copy>
          <Button onClick={onDone}>I have it</Button>
        </div>
      </div>
    </Note>
  );
}
