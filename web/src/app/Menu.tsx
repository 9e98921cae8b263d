/** The links of the bar: beside each other where there is room, and behind a button on a phone. */
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import styles from "./Menu.module.css";

export function Menu({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const beside = (e: Event) => {
      if (!whole.current?.contains(e.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", beside);
    document.addEventListener("focusin", beside);
    return () => {
      document.removeEventListener("pointerdown", beside);
      document.removeEventListener("focusin", beside);
    };
  }, [open]);
  const escape = (e: KeyboardEvent) => {
    if (!open || e.key !== "Escape") return;
    e.stopPropagation(); // it closes this alone
    setOpen(false);
    button.current?.focus();
  };
  /** chosen closes it behind a link; where the focus was is gone with it. */
  const chosen = (e: MouseEvent) => {
    if (!open || !(e.target as Element).closest("a, button")) return;
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div ref={whole} className={styles.menu} onKeyDown={escape}>
      <IconButton
        ref={button}
        kind="quiet"
        label="Menu"
        className={styles.button}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? "close" : "menu"} />
      </IconButton>
      <nav id={id} aria-label="Service" className={styles.links} data-open={open || undefined} onClick={chosen}>
        {children}
      </nav>
    </div>
  );
}
