/** The address of the page says how a part is looked at. */
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import type { MeshViewer } from "../viewer/MeshViewer";
import { type Shown, writeShown } from "./address";

const SETTLED = 400; // milliseconds without a change after which the address is another

/**
 * useAddress keeps the address true and returns what it is now. The camera is that of the first of viewers, if somebody has turned it:
 * what fits by itself does so in any window.
 */
export function useAddress(shown: Omit<Shown, "camera">, viewers: readonly (MeshViewer | null)[]): () => string {
  const [path] = useLocation();
  const latest = useRef({ shown, viewers });
  latest.current = { shown, viewers };
  const address = () => {
    const { shown, viewers } = latest.current;
    const viewer = viewers[0];
    const query = writeShown({ ...shown, camera: viewer?.turned ? viewer.camera : null });
    return `${window.location.pathname}${query && `?${query}`}`;
  };
  const looks = writeShown({ ...shown, camera: null });
  useEffect(() => {
    if (viewers.some((v) => v === null)) return;
    let timer = 0;
    const settle = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        const next = address();
        const { pathname, search } = window.location;
        if (next !== `${pathname}${search}`) window.history.replaceState(window.history.state, "", next);
      }, SETTLED);
    };
    settle();
    const ends = viewers.map((v) => v?.on("view", settle));
    return () => {
      clearTimeout(timer);
      for (const end of ends) end?.();
    };
  }, [...viewers, looks, path]);
  return address;
}
