/** Colours of the scene. A scale runs from poor to good, and is told apart by people who see no red or no green. */

export type RGB = [number, number, number];

/** Stops of the scale for measures: dark purple is low, yellow is high (after matplotlib's viridis, CC0). */
const VIRIDIS: RGB[] = [
  [68, 1, 84],
  [71, 39, 119],
  [62, 73, 137],
  [48, 104, 141],
  [37, 130, 142],
  [30, 157, 136],
  [53, 183, 120],
  [109, 206, 88],
  [180, 221, 44],
  [253, 231, 37],
];

/** scaleColor returns the colour at a share from 0 to 1 of the scale. */
export function scaleColor(share: number): RGB {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const t = at - low;
  return VIRIDIS[low].map((c, i) => Math.round(c + (VIRIDIS[low + 1][i] - c) * t)) as RGB;
}

/** scaleTexture returns the scale as 256 RGBA texels. */
export function scaleTexture(): Uint8Array {
  const out = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) out.set([...scaleColor(i / 255), 255], 4 * i);
  return out;
}

/** scaleGradient returns the scale as a CSS gradient from left to right. */
export function scaleGradient(): string {
  return `linear-gradient(90deg, ${VIRIDIS.map((c) => `rgb(${c.join(" ")})`).join(", ")})`;
}

/** The colour of a surface that has none of its own. */
export const PLAIN: RGB = [186, 200, 217];

/** categoryColor returns the colour of the i-th of many things: hues a golden angle apart, so that neighbours differ. */
export function categoryColor(i: number): RGB {
  const hue = (i * 137.508 + 210) % 360;
  const light = 0.62 + 0.08 * ((i * 7) % 3);
  return hslToRgb(hue / 360, 0.48, light);
}

/** parseColor reads #rrggbb; anything else is the plain colour. */
export function parseColor(hex: string | undefined): RGB {
  const m = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex ?? "");
  return m ? [Number.parseInt(m[1], 16), Number.parseInt(m[2], 16), Number.parseInt(m[3], 16)] : PLAIN;
}

function hslToRgb(h: number, s: number, l: number): RGB {
  const a = s * Math.min(l, 1 - l);
  const channel = (n: number) => {
    const k = (n + h * 12) % 12;
    return Math.round(255 * (l - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
