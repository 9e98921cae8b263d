/** A question before something is lost. */
import { type ReactNode, useEffect, useRef } from "react";
import { Button, Note } from "./controls";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  action: string;
  /** It is being done: nobody can keep it any more, and what came of it is still to be told. */
  busy?: boolean;
  /** Why it could not be done. */
  error?: string;
  onConfirm: () => void;
  onClose: () => void;
  focusAfter?: () => HTMLElement | null;
  children: ReactNode;
}

export function Confirm({ title, action, busy, error, onConfirm, onClose, focusAfter, children }: Props) {
  return (
    <Dialog title={title} busy={busy} onClose={onClose} focusAfter={focusAfter}>
      <div>{children}</div>
      {error && (
        <div role="alert">
          <Note kind="bad">{error}</Note>
        </div>
      )}
      <div className={styles.buttons}>
        <Button onClick={onClose} busy={busy} autoFocus>
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
  /** It stays until that is over. */
  busy?: boolean;
  /** It holds two columns. */
  wide?: boolean;
  onClose: () => void;
  /** What has the focus once it is closed, where that is not what had it before: which may be gone. */
  focusAfter?: () => HTMLElement | null;
  children: ReactNode;
}

/** Dialog lies over the page until it is closed: by Escape, or a click beside it. */
export function Dialog({ title, busy, wide, onClose, focusAfter, children }: DialogProps) {
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
      data-wide={wide || undefined}
      aria-label={title}
      onCancel={(e) => {
        if (busy) e.preventDefault();
        else onClose();
      }}
      onClose={() => !dialog.current?.open && onClose()} // browsers have their own way at a second Escape
      onClick={(e) => e.target === dialog.current && !busy && onClose()}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <div className={styles.content}>
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
