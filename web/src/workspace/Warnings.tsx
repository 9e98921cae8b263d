/** What there is to know of a part or a mesh that is there all the same, and what can be done about it. */
import type { Diagnosis } from "../api/client";
import { Note } from "../ui/controls";

export function Warnings({ of }: { of: readonly Pick<Diagnosis, "message" | "hint">[] }) {
  // The same may be said of the part and of its mesh.
  const once = [...new Map(of.map((w) => [w.message, w])).values()];
  return once.map((w) => (
    <Note key={w.message} kind="warn">
      {w.message} {w.hint}
    </Note>
  ));
}
