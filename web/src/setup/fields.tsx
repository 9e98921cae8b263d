/** The fields of the panel: each stands for a path of the spec, and shows what the service says of it. */
import { type ReactNode, useLayoutEffect, useState } from "react";
import { Icon } from "../ui/icons";
import { fieldId, useDraft } from "./draft";
import styles from "./fields.module.css";
import { tagsOf, tagsText } from "./spec";

interface Labelled {
  path: string;
  label: string;
  /** What it does, with its range. */
  hint?: ReactNode;
}

/** Row is a label with a few words below it, and its control beside it. What is wrong stands under both. */
export function Row({
  path,
  label,
  hint,
  wrong,
  wide,
  children,
}: Labelled & { wrong?: string; wide?: boolean; children: ReactNode }) {
  const id = fieldId(path);
  return (
    <div className={wide ? styles.wide : styles.row}>
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        {hint && <p id={`${id}-hint`}>{hint}</p>}
      </div>
      <div className={styles.control}>{children}</div>
      {wrong && (
        <p id={`${id}-wrong`} className={styles.wrong}>
          {sentence(wrong)}
        </p>
      )}
    </div>
  );
}

/** sentence begins with a capital: what the service says follows the name of a field. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** described says which texts belong to a control. */
export function described(path: string, wrong: string | undefined) {
  const id = fieldId(path);
  return { id, "aria-describedby": wrong ? `${id}-wrong ${id}-hint` : `${id}-hint`, "aria-invalid": wrong ? true : undefined };
}

/** useText keeps what is being typed, until what it means is changed from elsewhere. */
function useText<T>(value: T, write: (v: T) => string, read: (text: string) => T | null) {
  const [text, setText] = useState(() => write(value));
  // Before it is painted: what is left of another value is never seen.
  useLayoutEffect(() => {
    setText((now) => (same(read(now), value) ? now : write(value)));
  }, [value]);
  return [text, setText] as const;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** numberOf reads a number as people write it, with a comma or a point; undefined where nothing is said, null where no number is. */
export function numberOf(text: string): number | undefined | null {
  const plain = text.replaceAll(/[\s\u202f_]/g, "").replace(",", ".");
  if (plain === "") return undefined;
  const n = Number(plain);
  return Number.isFinite(n) ? n : null;
}

interface NumberProps extends Labelled {
  /** Shown behind the number. */
  unit?: string;
  /** What stands where nothing is said. */
  usual?: string | number;
  /** It counts something. */
  whole?: boolean;
  /** Without a label that is seen. */
  bare?: boolean;
}

/** NumberField is a number with its unit. The arrow keys step by a tenth of its size. */
export function NumberField({ path, label, hint, unit, usual, whole, bare }: NumberProps) {
  const { value, set, error } = useDraft();
  const now = (value(path) as number | null | undefined) ?? undefined;
  const [text, setText] = useText(now, (v) => (v === undefined ? "" : String(v)), numberOf);
  const wrong = error(path) ?? (numberOf(text) === null ? "is no number" : undefined);
  const take = (typed: string) => {
    setText(typed);
    const n = numberOf(typed);
    if (n !== null) set(path, n);
  };
  const input = (
    <span className={styles.number}>
      <input
        {...described(path, wrong)}
        aria-label={bare ? label : undefined}
        inputMode="decimal"
        autoComplete="off"
        value={text}
        placeholder={usual === undefined ? " " : String(usual)}
        data-words={typeof usual === "string" || undefined}
        onChange={(e) => take(e.target.value)}
        onKeyDown={(e) => {
          const up = e.key === "ArrowUp" ? 1 : e.key === "ArrowDown" ? -1 : 0;
          const from = numberOf(text) ?? (typeof usual === "number" ? usual : null);
          if (!up || typeof from !== "number") return;
          e.preventDefault();
          take(String(stepped(from, up, whole)));
        }}
      />
      {unit && <span aria-hidden="true">{unit}</span>}
    </span>
  );
  if (bare) return input;
  return (
    <Row path={path} label={label} hint={hint} wrong={wrong}>
      {input}
    </Row>
  );
}

/** stepped is the next number up or down, by a tenth of its size; whole ones by one at least. */
export function stepped(from: number, up: 1 | -1, whole = false): number {
  const step = from === 0 ? 1 : 10 ** Math.floor(Math.log10(Math.abs(from)) - 1 + 1e-9);
  return Number((from + up * (whole ? Math.max(1, step) : step)).toPrecision(6));
}

export function TextField({ path, label, hint, usual, wide }: Labelled & { usual?: string; wide?: boolean }) {
  const { value, set, error } = useDraft();
  const wrong = error(path);
  return (
    <Row path={path} label={label} hint={hint} wrong={wrong} wide={wide}>
      <input
        {...described(path, wrong)}
        className={styles.input}
        autoComplete="off"
        spellCheck={false}
        value={(value(path) as string | undefined) ?? ""}
        placeholder={usual}
        onChange={(e) => set(path, e.target.value || undefined)}
      />
    </Row>
  );
}

interface ChoiceProps extends Labelled {
  /** What can be chosen, and how it is said; the first stands where nothing is said. */
  options: readonly (readonly [value: string | number, label: string])[];
}

export function ChoiceField({ path, label, hint, options }: ChoiceProps) {
  const { value, set, error } = useDraft();
  const wrong = error(path);
  const usual = options[0][0];
  return (
    <Row path={path} label={label} hint={hint} wrong={wrong}>
      <select
        {...described(path, wrong)}
        className={styles.input}
        value={String(value(path) ?? usual)}
        onChange={(e) => {
          const chosen = options.find(([v]) => String(v) === e.target.value)?.[0];
          set(path, chosen === usual ? undefined : chosen);
        }}
      >
        {options.map(([v, text]) => (
          <option key={v} value={String(v)}>
            {text}
          </option>
        ))}
      </select>
    </Row>
  );
}

/** TagsField is a list of entities by their numbers, such as 3, 5, 8-10. */
export function TagsField({ path, label, hint }: Labelled) {
  const { value, set, error } = useDraft();
  const now = (value(path) as number[] | undefined) ?? [];
  const [text, setText] = useText(now, tagsText, tagsOf);
  const wrong = error(path, true) ?? (tagsOf(text) === null ? "is no list of numbers such as 3, 5, 8-10" : undefined);
  return (
    <Row path={path} label={label} hint={hint} wrong={wrong} wide>
      <input
        {...described(path, wrong)}
        className={styles.input}
        inputMode="numeric"
        autoComplete="off"
        value={text}
        placeholder="3, 5, 8-10"
        onChange={(e) => {
          setText(e.target.value);
          const tags = tagsOf(e.target.value);
          if (tags) set(path, tags);
        }}
      />
    </Row>
  );
}

/** PointField is a place: three lengths. */
export function PointField({ path, label, hint }: Labelled) {
  const { error, unit } = useDraft();
  const wrong = error(path, true);
  return (
    <fieldset className={styles.point}>
      <legend>
        {label}
        {unit && <span> ({unit})</span>}
      </legend>
      {hint && <p>{hint}</p>}
      <div>
        {["x", "y", "z"].map((axis, k) => (
          <NumberField key={axis} bare path={`${path}[${k}]`} label={`${label}, ${axis}`} usual={axis} />
        ))}
      </div>
      {wrong && <p className={styles.wrong}>{sentence(wrong)}</p>}
    </fieldset>
  );
}

/** Section is a part of the panel that opens; its head says in a few words what was changed in it. */
export function Section({
  name,
  paths,
  changed,
  children,
}: {
  name: string;
  paths: string[];
  changed?: string;
  children: ReactNode;
}) {
  const { error } = useDraft();
  const wrong = paths.some((p) => error(p, true));
  return (
    <details className={styles.section}>
      <summary>
        <span className={styles.name}>{name}</span>
        <span className={styles.changed}>{changed}</span>
        {wrong && (
          <span className={styles.alert} title="Something here cannot be as it is">
            <Icon name="alert" size={16} />
            <span className="visually-hidden">Something here cannot be as it is</span>
          </span>
        )}
      </summary>
      <div className={styles.content}>{children}</div>
    </details>
  );
}
