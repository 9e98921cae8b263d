import { useEffect } from "react";

const OWN = "Meshgen";

/** useTitle names what is shown where browsers name pages: tabs, history, bookmarks. */
export function useTitle(name?: string): void {
  useEffect(() => {
    document.title = name ? `${name} · ${OWN}` : OWN;
    return () => {
      document.title = OWN;
    };
  }, [name]);
}
