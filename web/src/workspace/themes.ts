/** The colours of the scene, light and dark. */
import type { ThemeName } from "../app/theme";
import type { Theme } from "../viewer/types";

export const THEMES: Record<ThemeName, Theme> = {
  light: {
    background: "#f6f7f9",
    edge: "#1c222b",
    accent: "#ff8a1f",
    outline: "#20262f",
    axes: ["#c3352b", "#2a7d3c", "#2b5fd0"],
  },
  dark: {
    background: "#12161d",
    edge: "#05070a",
    accent: "#ffa14a",
    outline: "#c9d3df",
    axes: ["#ff8177", "#6ccf88", "#82aaff"],
  },
};
