/** The files that are written with a mesh. Others can be had of a finished one at any time. */
import { fieldId, useDraft } from "./draft";
import { sentence } from "./fields";
import fields from "./fields.module.css";
import styles from "./Setup.module.css";
import { DEFAULTS, FORMATS, type Format, sameSet } from "./spec";

export function Formats() {
  const { spec, set, error } = useDraft();
  const chosen = spec.formats ?? DEFAULTS.formats;
  const wrong = error("formats", true);
  const toggle = (f: Format) => {
    const to = chosen.includes(f) ? chosen.filter((x) => x !== f) : [...chosen, f];
    set("formats", sameSet(to, DEFAULTS.formats) ? undefined : to);
  };
  return (
    <fieldset className={styles.formats} id={fieldId("formats")} tabIndex={-1}>
      <legend>Files</legend>
      {(Object.keys(FORMATS) as Format[]).map((f) => (
        <label key={f}>
          <input
            type="checkbox"
            checked={chosen.includes(f)}
            disabled={chosen.length === 1 && chosen[0] === f}
            onChange={() => toggle(f)}
          />
          <span>
            {f} <small>{FORMATS[f].title}</small>
          </span>
        </label>
      ))}
      {wrong && <p className={fields.wrong}>{sentence(wrong)}</p>}
    </fieldset>
  );
}
