/** The question before something is removed for good, and the focus beside where that was: what had it goes with it. */
import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useRef } from "react";
import { Confirm } from "./Confirm";

interface Props<V> {
  title: string;
  action: string;
  /** What removes it. The page holds it, which is there until it has ended. */
  remove: UseMutationResult<void, Error, V>;
  what: V;
  onRemoved?: () => void;
  onClose: () => void;
  beside: RefObject<HTMLElement | null>;
  children: ReactNode;
}

export function Removing<V>({ title, action, remove, what, onRemoved, onClose, beside, children }: Props<V>) {
  const gone = useRef(false);
  return (
    <Confirm
      title={title}
      action={action}
      busy={remove.isPending}
      error={remove.variables === what ? remove.error?.message : undefined}
      onClose={() => {
        if (!remove.isPending) remove.reset(); // what comes of it is still to be told
        onClose();
      }}
      focusAfter={() => (gone.current ? beside.current : null)}
      onConfirm={() =>
        remove.mutate(what, {
          onSuccess: () => {
            gone.current = true;
            onRemoved?.();
            onClose();
          },
        })
      }
    >
      {children}
    </Confirm>
  );
}
