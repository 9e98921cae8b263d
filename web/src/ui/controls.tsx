/** The few controls of the page. */
import type { ComponentProps, ReactNode } from "react";
import styles from "./controls.module.css";

type ButtonProps = ComponentProps<"button"> & { kind?: "plain" | "primary" | "quiet"; pressed?: boolean; busy?: boolean };

/** A button does nothing while it is busy, and keeps the focus, which a disabled one loses. */
export function Button({ kind = "plain", pressed, busy, className = "", onClick, ...rest }: ButtonProps) {
  const looks = [
    styles.button,
    kind === "primary" && styles.primary,
    kind === "quiet" && styles.quiet,
    pressed && styles.pressed,
  ];
  return (
    <button
      type="button"
      aria-pressed={pressed}
      aria-disabled={busy || undefined}
      className={[...looks, className].filter(Boolean).join(" ")}
      onClick={busy ? (e) => e.preventDefault() : onClick}
      {...rest}
    />
  );
}

/** IconButton is a button that shows a picture and says its name. */
export function IconButton({ label, className = "", ...rest }: ButtonProps & { label: string }) {
  return <Button title={label} aria-label={label} className={`${styles.icon} ${className}`} {...rest} />;
}

export function Field({
  id,
  label,
  hint,
  error,
  children,
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string;
  children: ReactNode;
}) {
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      {children}
      {hint && !error && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
      {error && (
        <span id={`${id}-hint`} className={styles.error} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

export function Note({ kind, children }: { kind: "good" | "warn" | "bad"; children: ReactNode }) {
  return <div className={`${styles.note} ${styles[kind]}`}>{children}</div>;
}

/** Progress is a bar from 0 to 1. */
export function Progress({ value, label }: { value: number; label: string }) {
  const percent = Math.round(100 * value);
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div className={styles.fill} style={{ width: `${percent}%` }} />
    </div>
  );
}

export function Spinner({ label }: { label: string }) {
  return (
    <span role="status">
      <span className={styles.spinner} style={{ display: "inline-block" }} />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
