/** The spec as it is sent: to be read, changed and taken along. */
import { useEffect, useState } from "react";
import type { Spec } from "../api/client";
import { Copy } from "../ui/Copy";
import { fieldId, useDraft } from "./draft";
import { Section } from "./fields";
import fields from "./fields.module.css";
import styles from "./Setup.module.css";
import { misshapen } from "./shape";
import { clean, curl } from "./spec";

export function SpecText() {
  const { spec, change, geometry } = useDraft();
  const [text, setText] = useState(() => written(spec));
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    setText((now) => {
      try {
        // What is being typed stays as it is typed.
        if (JSON.stringify(clean(JSON.parse(now) as Spec)) === JSON.stringify(spec)) return now;
      } catch {}
      return written(spec);
    });
    setWrong("");
  }, [spec]);
  const take = (typed: string) => {
    setText(typed);
    try {
      const read: unknown = typed.trim() === "" ? {} : JSON.parse(typed);
      const other = misshapen(read);
      if (other) throw new SyntaxError(other);
      setWrong("");
      change(read as Spec);
    } catch (e) {
      setWrong(e instanceof Error ? e.message : String(e));
    }
  };
  const id = fieldId("json");
  return (
    <Section name="As JSON" paths={[]} changed={Object.keys(spec).length ? undefined : "{ }"}>
      <textarea
        id={id}
        className={styles.json}
        aria-label="The spec as JSON"
        aria-invalid={wrong ? true : undefined}
        aria-describedby={`${id}-wrong`}
        spellCheck={false}
        rows={Math.min(18, Math.max(4, text.split("\n").length))}
        value={text}
        onChange={(e) => take(e.target.value)}
        onBlur={() => !wrong && setText(written(spec))}
      />
      <p id={`${id}-wrong`} className={wrong ? fields.wrong : styles.quiet}>
        {wrong ? `This is no spec: ${wrong}` : "Only what differs from the defaults. Changes here are taken at once."}
      </p>
      <div className={styles.buttons}>
        <Copy text={() => written(spec)}>Copy</Copy>
        <Copy text={() => curl(window.location.origin, geometry.id, spec)}>Copy as curl</Copy>
      </div>
    </Section>
  );
}

/** written is a spec as text, with short lists on one line. */
function written(spec: Spec): string {
  return JSON.stringify(spec, null, 2).replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, (list, items: string) => {
    const line = `[${items.split(/,\s+/).join(", ")}]`;
    return line.length < 60 ? line : list;
  });
}
