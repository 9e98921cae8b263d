/** How good the elements of a mesh are: the histogram of a measure to be brushed, and the worst elements to fly to. */
import type { Mesh } from "../api/client";
import { count, number, plural, portion } from "../format";
import { Button, Note } from "../ui/controls";
import { HistogramBrush } from "./HistogramBrush";
import { type Bins, countIn } from "./histogram";
import { measureLabel, measureUnit } from "./measures";
import { POOR_SICN, poorOf } from "./poor";
import styles from "./Quality.module.css";
import { Worst } from "./Worst";

/** A range of the histogram of a measure. */
export interface Brush {
  name: string;
  bins: Bins;
}

interface Props {
  mesh: Mesh;
  /** The measure that the scene is coloured by, if it is. */
  shown?: string;
  onShow: (name: string) => void;
  scales: { name: string; low: number; high: number }[];
  brush: Brush | null;
  onBrush: (brush: Brush | null) => void;
  onWorst: (place: [number, number, number], volume: number) => void;
}

export function Quality({ mesh, shown, onShow, scales, brush, onBrush, onWorst }: Props) {
  const distributions = mesh.measured?.volume.measures ?? {};
  const known = scales.filter((s) => (distributions[s.name]?.histogram.counts.length ?? 0) > 0);
  if (known.length === 0) return null;
  const scale = known.find((s) => s.name === (brush?.name ?? shown)) ?? known[0];
  const { name } = scale;
  const d = distributions[name];
  const range = brush?.name === name ? brush.bins : null;
  const unit = measureUnit(name);
  const poor = known.some((s) => s.name === "sicn") ? poorOf(distributions.sicn) : undefined;
  const inside = range ? countIn(d.histogram, range) : d.count;
  return (
    <section aria-label="Quality" className={styles.quality}>
      <div className={styles.head}>
        <h2 className={styles.title}>Quality</h2>
        <select
          aria-label="Measure"
          className={styles.measure}
          value={name}
          onChange={(e) => {
            onBrush(null);
            onShow(e.target.value);
          }}
        >
          {known.map((s) => (
            <option key={s.name} value={s.name}>
              {measureLabel(s.name)}
            </option>
          ))}
        </select>
      </div>
      {poor && (
        <Note kind="warn">
          <div className={styles.poor}>
            <p>
              <strong>{plural(poor.count, "element")}</strong> ({portion(poor.count / Math.max(distributions.sicn.count, 1))}){" "}
              {poor.count === 1 ? "is" : "are"} poorly shaped: SICN below {number(POOR_SICN)}, the worst{" "}
              {number(Number(poor.worst.toPrecision(2)))}
              {poor.flat && ", nearly flat"}. A solver may lose accuracy there, or not converge.
            </p>
            <Button
              onClick={() => {
                onShow("sicn");
                onBrush({ name: "sicn", bins: poor.bins });
              }}
            >
              Show {poor.count === 1 ? "it" : "them"}
            </Button>
          </div>
        </Note>
      )}
      <HistogramBrush
        histogram={d.histogram}
        scale={scale}
        label={measureLabel(name)}
        unit={unit}
        range={range}
        onRange={(bins) => {
          if (shown !== name) onShow(name);
          onBrush(bins && { name, bins });
        }}
      />
      <div className={styles.range}>
        <output>
          <strong>{count(inside)}</strong> elements
          {range ? (
            <>
              {" "}
              ({portion(inside / Math.max(d.count, 1))}) from {number(d.histogram.edges[range[0]])} to{" "}
              {number(d.histogram.edges[range[1]])}
              {unit}
            </>
          ) : (
            <>
              , {number(d.min)} to {number(d.max)}
              {unit}
            </>
          )}
        </output>
        <Button
          kind="quiet"
          className={styles.clear}
          disabled={!range}
          title="Show all elements again (Esc)"
          onClick={(e) => {
            // It is not seen where there is nothing to clear.
            e.currentTarget.closest("section")?.querySelector<HTMLElement>("[role=slider]")?.focus();
            onBrush(null);
          }}
        >
          Clear
        </Button>
      </div>
      <Worst mesh={mesh} onShow={onWorst} />
    </section>
  );
}
