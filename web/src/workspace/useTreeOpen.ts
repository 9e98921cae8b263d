/** Whether the tree of entities is there: where there is room for it, until the person says otherwise. */
import { useCallback, useState } from "react";

const KEY = "meshgen.tree";
const ROOM = 1440; // pixels that a window is wide

export function useTreeOpen(): [boolean, () => void] {
  const [open, setOpen] = useState(() => {
    const said = localStorage.getItem(KEY);
    return said ? said === "open" : window.innerWidth >= ROOM;
  });
  const toggle = useCallback(
    () =>
      setOpen((before) => {
        localStorage.setItem(KEY, before ? "closed" : "open");
        return !before;
      }),
    [],
  );
  return [open, toggle];
}
