/**
 * Keeps the focus in the page. Where what has it goes, once what it asked for is done or is shown in its place, the section that it stood
 * in takes it over: else the next Tab would begin at the top, and a screen reader would be nowhere. Who knows a better place goes there.
 */
import { useEffect } from "react";

const PLACES = "dialog, details, form, fieldset, section, article, aside, main";

export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    let around: Element[] = []; // the places that it lies in, from the inside out
    let dialog = false; // it lies in one, which gives the focus back itself
    const lost = () => last !== null && (!seen(last) || last.matches(":disabled"));
    const changed = () => {
      if (!lost()) return;
      const nowhere = document.activeElement === document.body || document.activeElement === last;
      const place = nowhere && (around.find(seen) ?? (dialog ? null : document.querySelector("main")));
      last = null;
      if (place) focus(place);
    };
    const came = (e: FocusEvent) => {
      last = e.target as Element;
      around = [];
      dialog = last.closest("dialog") !== null;
      for (let at = last.parentElement; at; at = at.parentElement) if (at.matches(PLACES)) around.push(at);
    };
    const left = (e: FocusEvent) => {
      if (e.relatedTarget) return; // somebody goes on to there
      // What was taken away is gone by then; what is there still was left by a person.
      queueMicrotask(() => {
        if (lost()) changed();
        else if (document.activeElement === document.body) last = null;
      });
    };

    const observer = new MutationObserver(changed);
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
    document.addEventListener("focusin", came);
    document.addEventListener("focusout", left);
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", came);
      document.removeEventListener("focusout", left);
    };
  }, []);
}

const seen = (e: Element) => e.isConnected && e.checkVisibility({ visibilityProperty: true });

/** What of a place has the focus for it: of what opens its head, of a scene its picture. */
const FOR: Record<string, string> = { DETAILS: "summary", SECTION: "canvas" };

function focus(place: Element): void {
  const target = place.querySelector<HTMLElement>(FOR[place.tagName] ?? ":not(*)") ?? (place as HTMLElement);
  if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) {
    target.tabIndex = -1; // for this once: a click on its ground gives it no focus
    const blurred = () => {
      if (!document.hasFocus()) return; // it is the window that was left
      target.removeAttribute("tabindex");
      target.removeEventListener("blur", blurred);
    };
    target.addEventListener("blur", blurred);
  }
  target.focus({ preventScroll: true });
}
