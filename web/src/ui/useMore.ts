import { type RefObject, useEffect } from "react";

/**
 * useMore has a row that may be longer than its room say so: its data-more tells of what lies "before" and "after" what is in view, and
 * is not there where that is all.
 */
export function useMore(ref: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const row = ref.current;
    if (!row) return;
    const tell = () => {
      const { scrollLeft, clientWidth, scrollWidth } = row;
      const more = [scrollLeft > 1 && "before", scrollLeft + clientWidth < scrollWidth - 1 && "after"].filter(Boolean);
      if (more.length > 0) row.dataset.more = more.join(" ");
      else delete row.dataset.more;
    };
    const resized = new ResizeObserver(tell);
    resized.observe(row); // tells at once, too
    const changed = new MutationObserver(tell);
    changed.observe(row, { childList: true, subtree: true });
    row.addEventListener("scroll", tell, { passive: true });
    return () => {
      resized.disconnect();
      changed.disconnect();
      row.removeEventListener("scroll", tell);
    };
  }, [ref]);
}
