/** Numbers and units as people read them. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** count formats a number of things: 12 345, or 1.2 M where digits would say nothing. */
export function count(n: number): string {
  if (n >= 1e6) return `${trim(n / 1e6)} M`;
  if (n >= 1e5) return `${whole.format(n / 1e3)} k`;
  return grouped(String(Math.round(n)));
}

/** exact is a number of things with all of its digits. */
export const exact = (n: number): string => grouped(String(n));

/** grouped parts the digits of a large number. */
const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** plural says how many of something there are: 1 face, 2 faces. */
export function plural(n: number, one: string): string {
  return `${count(n)} ${n === 1 ? one : `${one}${one.endsWith("sh") ? "es" : "s"}`}`;
}

/** number formats a measure with four significant digits. */
export function number(x: number): string {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e6 || size < 1e-3) {
    const [m, e] = x.toExponential(2).split("e");
    return `${trim(Number(m))}×10${superscript(Number(e))}`;
  }
  return trim(Number(x.toPrecision(4)));
}

/** length formats a length with its unit, power 2 an area and 3 a volume. */
export function measure(x: number, units: string | undefined, power: 1 | 2 | 3 = 1): string {
  const unit = units ? `\u202f${units}${["", "", "²", "³"][power]}` : "";
  return `${number(x).replace(/^-?\d{5,}/, grouped)}${unit}`;
}

export function bytes(n: number): string {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const) {
    if (n >= size) return `${trim(Number((n / size).toPrecision(3)))}\u202f${unit}`;
  }
  return `${n}\u202fB`;
}

export function seconds(s: number): string {
  if (s < 0.0995) return `${Math.round(s * 1000)}\u202fms`;
  if (s < 10) return `${s.toFixed(1)}\u202fs`;
  if (s < 90) return `${Math.round(s)}\u202fs`;
  const m = Math.floor(s / 60);
  return `${m}\u202fmin ${Math.round(s - 60 * m)}\u202fs`;
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u202f%`;
}

/** portion is how much of all something is; a little is not none. */
export function portion(share: number): string {
  return share > 0 && share < 0.0005 ? `< ${percent(0.001)}` : percent(share);
}

/** ago says how long something is past. */
export function ago(iso: string, now = Date.now()): string {
  const s = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (s < 45) return "just now";
  if (s < 3600) return `${Math.round(s / 60)} min ago`;
  if (s < 86400) return `${Math.round(s / 3600)} h ago`;
  return day(iso);
}

/** day says on which day something is. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
}

function trim(x: number): string {
  return String(Number(x.toPrecision(4)));
}

function superscript(n: number): string {
  return String(n).replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[c === "-" ? 0 : Number(c) + 1]);
}
