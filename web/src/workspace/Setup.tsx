/** What is wanted of a mesh: presets and a slider for most, every number for who needs it. */
import { useDeferredValue, useId } from "react";
import type { Geometry, Spec } from "../api/client";
import { useCreateMesh, useEstimate } from "../api/queries";
import { count, measure, seconds } from "../format";
import { Button, Field, Note } from "../ui/controls";
import controls from "../ui/controls.module.css";
import styles from "./Setup.module.css";

const PRESETS: { name: string; fineness: number }[] = [
  { name: "Draft", fineness: 3 },
  { name: "Standard", fineness: 5 },
  { name: "Fine", fineness: 7 },
];
const STANDARD = 5;

interface Props {
  geometry: Geometry;
  spec: Spec;
  onSpec: (spec: Spec) => void;
  onMesh: (mesh: string) => void;
}

export function Setup({ geometry, spec, onSpec, onMesh }: Props) {
  const id = useId();
  const ready = geometry.status === "succeeded";
  // The slider stays ahead of the answers.
  const asked = useDeferredValue(spec);
  const estimate = useEstimate(geometry.id, asked, ready);
  const create = useCreateMesh(geometry.id);
  const fineness = spec.size?.fineness ?? STANDARD;
  const size = (change: Partial<NonNullable<Spec["size"]>>) => onSpec(clean({ ...spec, size: { ...spec.size, ...change } }));
  const errors = new Map(
    (create.error?.problem?.errors ?? estimate.error?.problem?.errors ?? []).map((e) => [e.location, e.message]),
  );
  const wrong = (field: string) => errors.get(`body.spec.${field}`);
  const unit = geometry.units ? ` (${geometry.units})` : "";

  const length = (name: "max" | "min", label: string, hint: string) => (
    <Field id={`${id}-${name}`} label={label + unit} hint={hint} error={wrong(`size.${name}`)}>
      <input
        id={`${id}-${name}`}
        aria-describedby={`${id}-${name}-hint`}
        className={controls.input}
        inputMode="decimal"
        aria-invalid={wrong(`size.${name}`) !== undefined}
        defaultValue={spec.size?.[name] ?? ""}
        key={spec.size?.[name] ?? "none"}
        onBlur={(e) => size({ [name]: lengthOf(e.target.value) })}
        onKeyDown={(e) => {
          if (e.key === "Enter") size({ [name]: lengthOf(e.currentTarget.value) });
        }}
      />
    </Field>
  );

  return (
    <section aria-label="Set up a mesh" className={styles.setup}>
      <h2 className={styles.title}>New mesh</h2>
      <fieldset className={styles.presets}>
        <legend className="visually-hidden">Preset</legend>
        {PRESETS.map((p) => (
          <Button
            key={p.name}
            pressed={fineness === p.fineness && !spec.size?.max}
            onClick={() => size({ fineness: p.fineness === STANDARD ? undefined : p.fineness, max: undefined })}
          >
            {p.name}
          </Button>
        ))}
      </fieldset>
      <Field id={`${id}-fineness`} label="Fineness">
        <input
          id={`${id}-fineness`}
          type="range"
          min={1}
          max={10}
          step={0.5}
          value={fineness}
          disabled={spec.size?.max !== undefined}
          aria-valuetext={`${fineness} of 10`}
          onChange={(e) => size({ fineness: Number(e.target.value) === STANDARD ? undefined : Number(e.target.value) })}
        />
      </Field>
      <p className={styles.estimate} aria-live="polite" data-old={estimate.isPlaceholderData || undefined}>
        {estimate.data ? (
          <>
            about <strong>{count(round(estimate.data.tetrahedra.expected))}</strong> elements up to{" "}
            {measure(estimate.data.max_edge, geometry.units)} long, {seconds(estimate.data.seconds.expected)}
          </>
        ) : ready ? (
          (estimate.error?.message ?? "\u00a0")
        ) : (
          "The number of elements shows once the part is read."
        )}
      </p>
      <details className={styles.more}>
        <summary>More</summary>
        <div className={styles.fields}>
          <Field
            id={`${id}-strategy`}
            label="Strategy"
            hint="auto tries one after the other until the mesh is right"
            error={wrong("strategy")}
          >
            <select
              id={`${id}-strategy`}
              className={controls.input}
              value={spec.strategy ?? "auto"}
              onChange={(e) =>
                onSpec(
                  clean({ ...spec, strategy: e.target.value === "auto" ? undefined : (e.target.value as Spec["strategy"]) }),
                )
              }
            >
              {["auto", "delaunay", "frontal", "hxt", "mmg", "hex"].map((s) => (
                <option key={s}>{s}</option>
              ))}
            </select>
          </Field>
          {length("max", "Longest edge", "overrides the fineness")}
          {length("min", "Shortest edge", "a bound for small features")}
          <Field id={`${id}-order`} label="Order" hint="2 and 3 follow curved faces" error={wrong("order")}>
            <select
              id={`${id}-order`}
              className={controls.input}
              value={spec.order ?? 1}
              onChange={(e) =>
                onSpec(
                  clean({ ...spec, order: e.target.value === "1" ? undefined : (Number(e.target.value) as Spec["order"]) }),
                )
              }
            >
              <option value={1}>1, straight</option>
              <option value={2}>2, quadratic</option>
              <option value={3}>3, cubic</option>
            </select>
          </Field>
        </div>
      </details>
      {create.isError && <Note kind="bad">{create.error.message}</Note>}
      <Button
        kind="primary"
        disabled={create.isPending || geometry.status === "failed"}
        onClick={() => create.mutate(spec, { onSuccess: (m) => onMesh(m.id) })}
      >
        Mesh
      </Button>
    </section>
  );
}

/** lengthOf reads a length; a comma is taken for a point. Nothing, or nonsense, is no length. */
function lengthOf(text: string): number | undefined {
  const v = Number(text.trim().replace(",", "."));
  return text.trim() && v > 0 ? v : undefined;
}

/** clean drops what was not set, so that equal wishes are equal. */
function clean(spec: Spec): Spec {
  const drop = <T extends object>(o: T): T => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T;
  const size = drop(spec.size ?? {});
  return drop({ ...spec, size: Object.keys(size).length ? size : undefined }) as Spec;
}

/** round leaves two digits: an estimate is no count. */
function round(n: number): number {
  return Number(n.toPrecision(2));
}
