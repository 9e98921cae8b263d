/** A histogram in the colours of the scene. Dragging across it, or moving its two handles, brushes a range of bins. */
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { count, number } from "../format";
import { scaleColor } from "../viewer/colors";
import styles from "./HistogramBrush.module.css";
import { type Bins, countIn, type Histogram, heights, shareOf, spanning } from "./histogram";

interface Props {
  histogram: Histogram;
  scale: { low: number; high: number };
  label: string;
  unit: string;
  range: Bins | null;
  onRange: (range: Bins | null) => void;
}

const NEAR = 8; // pixels from a handle within which a press takes it

export function HistogramBrush({ histogram: h, scale, label, unit, range, onRange }: Props) {
  const plot = useRef<HTMLDivElement>(null);
  const anchor = useRef<number | null>(null);
  const bins = h.counts.length;
  const [from, to] = range ?? [0, bins];
  const set = (r: Bins) => onRange(r[0] === 0 && r[1] === bins ? null : r);

  const binAt = (e: PointerEvent) => {
    const { left, width } = (plot.current as HTMLElement).getBoundingClientRect();
    return Math.min(Math.max(Math.floor(((e.clientX - left) / width) * bins), 0), bins - 1);
  };
  const press = (e: PointerEvent) => {
    if (e.button !== 0) return;
    e.currentTarget.setPointerCapture(e.pointerId);
    const { left, width } = (plot.current as HTMLElement).getBoundingClientRect();
    const near = (edge: number) => Math.abs(e.clientX - left - (edge / bins) * width) < NEAR;
    if (range && near(from)) anchor.current = to - 1;
    else if (range && near(to)) anchor.current = from;
    else {
      anchor.current = binAt(e);
      set(spanning(anchor.current, anchor.current));
    }
  };
  const drag = (e: PointerEvent) => {
    if (anchor.current !== null) set(spanning(anchor.current, binAt(e)));
  };
  const release = () => {
    anchor.current = null;
  };

  const keyed = (which: "from" | "to") => (e: KeyboardEvent) => {
    const now = which === "from" ? from : to;
    const steps: Record<string, number> = {
      ArrowLeft: now - 1,
      ArrowDown: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now + 1,
      PageDown: now - 5,
      PageUp: now + 5,
      Home: 0,
      End: bins,
    };
    const next = steps[e.key];
    if (next === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    if (which === "from") set([Math.min(Math.max(next, 0), to - 1), to]);
    else set([from, Math.max(Math.min(next, bins), from + 1)]);
  };
  const handle = (which: "from" | "to") => {
    const bin = which === "from" ? from : to;
    return (
      <div
        role="slider"
        tabIndex={0}
        className={styles.handle}
        style={{ left: `${(100 * bin) / bins}%` }}
        aria-label={`${label}, ${which === "from" ? "from" : "up to"}`}
        aria-valuemin={h.edges[which === "from" ? 0 : from + 1]}
        aria-valuemax={h.edges[which === "from" ? to - 1 : bins]}
        aria-valuenow={h.edges[bin]}
        aria-valuetext={`${number(h.edges[bin])}${unit}, ${count(countIn(h, [from, to]))} elements in the range`}
        onKeyDown={keyed(which)}
      />
    );
  };

  return (
    <div className={styles.histogram} data-brushed={range !== null || undefined}>
      <div
        ref={plot}
        className={styles.plot}
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={release}
      >
        {heights(h).map((height, i) => (
          <div
            key={h.edges[i]}
            className={styles.bin}
            data-out={i < from || i >= to || undefined}
            title={`${number(h.edges[i])} to ${number(h.edges[i + 1])}${unit}: ${count(h.counts[i])} elements`}
          >
            {h.counts[i] > 0 && (
              <div
                className={styles.bar}
                style={{ height: `${100 * height}%`, background: `rgb(${scaleColor(shareOf(h, i, scale)).join(" ")})` }}
              />
            )}
          </div>
        ))}
        {handle("from")}
        {handle("to")}
      </div>
      <div className={styles.ends}>
        <span>
          {number(h.edges[0])}
          {unit}
        </span>
        <span>
          {number(h.edges[bins])}
          {unit}
        </span>
      </div>
    </div>
  );
}
