/** Keys that work wherever one is on the page, but where one types. */
import { useEffect, useRef } from "react";

// Where keys mean something else.
const TYPING = "input:not([type=range], [type=checkbox]), select, textarea, dialog";

/** useKeys calls what stands for a key that is pressed: "e", or "\u21e7e" with shift. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target as HTMLElement).closest(TYPING)) return;
      const shift = e.shiftKey && /^[a-z]$/i.test(e.key);
      latest.current[`${shift ? "\u21e7" : ""}${e.key.toLowerCase()}`]?.();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
