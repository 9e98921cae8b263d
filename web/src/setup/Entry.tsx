/** One of a list in the spec: its name, what it says, and the way to take it out. */
import type { ReactNode } from "react";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { fieldId, useDraft } from "./draft";
import { sentence } from "./fields";
import fields from "./fields.module.css";
import styles from "./Setup.module.css";

export function Entry({ path, name, children }: { path: string; name: string; children: ReactNode }) {
  const { set, error } = useDraft();
  const wrong = error(path);
  return (
    <fieldset className={styles.entry} id={fieldId(path)} tabIndex={-1}>
      <legend className="visually-hidden">{name}</legend>
      <div className={styles.head}>
        <strong aria-hidden="true">{name}</strong>
        <IconButton kind="quiet" label={`Remove ${name}`} onClick={() => set(path, null)}>
          <Icon name="trash" size={16} />
        </IconButton>
      </div>
      {wrong && <p className={fields.wrong}>{sentence(wrong)}</p>}
      {children}
    </fieldset>
  );
}
