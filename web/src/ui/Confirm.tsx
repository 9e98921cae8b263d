/** A question before something is lost. */
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "./controls";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function Confirm({ title, action, busy, onConfirm, onClose, children }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{children}</div>
      <div className={styles.buttons}>
        <Button onClick={onClose} autoFocus>
          Keep
        </Button>
        <Button className={styles.danger} disabled={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

/** Dialog lies over the page until it is closed: by Escape, or a click beside it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = dialog.current;
    const before = document.activeElement;
    d?.showModal();
    return () => {
      d?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // A click on the dialog itself is one beside what it holds.
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label={title}
      onCancel={onClose}
      onClick={(e) => e.target === dialog.current && onClose()}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <div className={styles.content}>
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
