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
  focusAfter?: () => HTMLElement | null;
  children: ReactNode;
}

export function Confirm({ title, action, busy, onConfirm, onClose, focusAfter, children }: Props) {
  return (
    <Dialog title={title} onClose={onClose} focusAfter={focusAfter}>
      <div>{children}</div>
      <div className={styles.buttons}>
        <Button onClick={onClose} autoFocus>
          Keep
        </Button>
        <Button className={styles.danger} busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  /** What has the focus once it is closed, where that is not what had it before: which may be gone. */
  focusAfter?: () => HTMLElement | null;
  children: ReactNode;
}

/** Dialog lies over the page until it is closed: by Escape, or a click beside it. */
export function Dialog({ title, onClose, focusAfter, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = dialog.current;
    const before = document.activeElement;
    d?.showModal();
    return () => {
      d?.close();
      const next = focusAfter?.() ?? before;
      if (next instanceof HTMLElement) next.focus();
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
