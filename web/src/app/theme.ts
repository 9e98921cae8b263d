/** Light or dark: as the system says, until the person says otherwise. */
import { useEffect, useLayoutEffect, useState } from "react";

export type ThemeName = "light" | "dark";
const KEY = "meshgen.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function chosen(): ThemeName | null {
  const v = localStorage.getItem(KEY);
  return v === "light" || v === "dark" ? v : null;
}

export function useTheme(): [ThemeName, () => void] {
  const [theme, setTheme] = useState<ThemeName>(() => chosen() ?? (dark.matches ? "dark" : "light"));
  useEffect(() => {
    const changed = () => {
      if (!chosen()) setTheme(dark.matches ? "dark" : "light");
    };
    dark.addEventListener("change", changed);
    return () => dark.removeEventListener("change", changed);
  }, []);
  // Before it is painted.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const toggle = () => {
    const next = theme === "light" ? "dark" : "light";
    localStorage.setItem(KEY, next);
    setTheme(next);
  };
  return [theme, toggle];
}
