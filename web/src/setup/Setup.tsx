/** What is wanted of a mesh: presets and a slider for most, every number for who needs it. */
import { useDeferredValue, useId } from "react";
import type { ApiError, Estimate, Geometry, Spec } from "../api/client";
import { elementsOf } from "../api/elements";
import { useCreateMesh, useEstimate, useMeshes } from "../api/queries";
import { count, measure, seconds } from "../format";
import { Button, Field, Note } from "../ui/controls";
import { differences } from "./differences";
import { DraftProvider, show, specErrors } from "./draft";
import { sentence } from "./fields";
import { corrected, like } from "./learnt";
import { PRESETS } from "./presets";
import { Sections } from "./Sections";
import styles from "./Setup.module.css";
import { clean, DEFAULTS } from "./spec";

interface Props {
  geometry: Geometry;
  spec: Spec;
  onSpec: (spec: Spec) => void;
  onMesh: (mesh: string) => void;
  /** The slider of the fineness is being moved. */
  onSlide: (fineness: number) => void;
  picked: readonly number[];
  onPicked: (faces: number[]) => void;
}

export function Setup({ geometry, spec, onSpec, onMesh, onSlide, picked, onPicked }: Props) {
  const id = useId();
  const ready = geometry.status === "succeeded";
  // The slider stays ahead of the answers.
  const asked = useDeferredValue(spec);
  const estimate = useEstimate(geometry.id, asked, ready);
  const last = like(useMeshes(geometry.id).data?.items ?? [], asked);
  const ofLast = useEstimate(geometry.id, last?.spec ?? {}, ready && last !== undefined);
  const create = useCreateMesh(geometry.id);
  const refused = estimate.error ?? (create.variables === spec ? create.error : null);
  const fineness = spec.size?.fineness ?? DEFAULTS.size.fineness;
  const fine = (to: number) =>
    onSpec(
      clean({ ...spec, size: { ...spec.size, fineness: to === DEFAULTS.size.fineness ? undefined : to, max: undefined } }),
    );
  const expected = (of: Estimate) =>
    corrected(of, last && elementsOf(last), ofLast.isPlaceholderData ? undefined : ofLast.data);
  const mesh = () =>
    create.mutate(spec, {
      onSuccess: (m) => onMesh(m.id),
      onError: (e) => {
        const first = specErrors(e.problem)[0];
        if (first) show(first.path);
      },
    });

  return (
    <DraftProvider
      geometry={geometry}
      spec={spec}
      problem={refused?.problem}
      onSpec={onSpec}
      picked={picked}
      onPicked={onPicked}
    >
      <section id="setup" aria-label="Set up a mesh" className={styles.setup}>
        <div className={styles.head}>
          <h2 className={styles.title}>New mesh</h2>
          {Object.keys(spec).length > 0 && (
            <Button kind="quiet" onClick={() => onSpec({})}>
              Back to the defaults
            </Button>
          )}
        </div>
        <fieldset className={styles.presets}>
          <legend className="visually-hidden">Preset</legend>
          {PRESETS.map((p) => (
            <Button key={p.name} pressed={fineness === p.fineness && !spec.size?.max} onClick={() => fine(p.fineness)}>
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
            onChange={(e) => {
              fine(Number(e.target.value));
              onSlide(Number(e.target.value));
            }}
          />
        </Field>
        <div className={styles.estimate} aria-live="polite" data-old={estimate.isPlaceholderData || undefined}>
          {refused ? (
            <Refused error={refused} />
          ) : estimate.data ? (
            <>
              <p>
                about <strong>{count(Number(expected(estimate.data).toPrecision(2)))}</strong> elements in{" "}
                {seconds(estimate.data.seconds.expected)}
              </p>
              <p>edges up to {measure(estimate.data.max_edge, geometry.units)}</p>
            </>
          ) : (
            !ready && "The number of elements shows once the part is read."
          )}
        </div>
        <Button kind="primary" busy={create.isPending} disabled={geometry.status === "failed"} onClick={mesh}>
          Mesh
        </Button>
        <details className={styles.all}>
          <summary>
            All settings
            <span>{differences(undefined, spec, geometry.units).join(", ")}</span>
          </summary>
          <Sections />
        </details>
      </section>
    </DraftProvider>
  );
}

/** Refused says what of the spec cannot be, and leads to it. */
function Refused({ error }: { error: ApiError }) {
  const fields = specErrors(error.problem);
  const hint = error.problem?.diagnosis?.hint;
  return (
    <Note kind="bad">
      <p>{fields.length && !error.problem?.diagnosis ? "This cannot be meshed as it is:" : error.message}</p>
      {fields.length > 0 && (
        <ul className={styles.wrongs}>
          {fields.map((f) => (
            <li key={f.path + f.message}>
              <button type="button" onClick={() => show(f.path)}>
                {f.path && <code>{f.path}</code>} {f.path ? f.message : sentence(f.message)}
              </button>
            </li>
          ))}
        </ul>
      )}
      {hint && <p>{hint}</p>}
    </Note>
  );
}
