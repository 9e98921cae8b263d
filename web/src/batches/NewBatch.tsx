/** Many parts by many presets, before they are asked for. */
import { useId, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { final, type GeometrySummary } from "../api/client";
import { keys, useParts } from "../api/queries";
import { AddedParts } from "../app/AddedParts";
import { SendingRow } from "../app/SendingRow";
import { ACCEPTED, useUploads } from "../app/uploads";
import { useSteady } from "../app/useSteady";
import { bytes, count, measure, plural } from "../format";
import { PRESETS } from "../setup/presets";
import { Awaiting } from "../ui/Awaiting";
import { Button, Note } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useTitle } from "../ui/useTitle";
import styles from "./Batches.module.css";
import { changeDraft, clearDraft, useDraft } from "./draft";
import { OwnSettings } from "./OwnSettings";
import { readOwn } from "./own";
import { useCreateBatch } from "./queries";

export default function NewBatch() {
  useTitle("New batch");
  const id = useId();
  const heading = useRef<HTMLLegendElement>(null);
  const { sending, sent, send } = useUploads();
  const parts = useParts();
  const draft = useDraft();
  const create = useCreateBatch();
  const [, navigate] = useLocation();
  // One key for what is asked for now; what is changed afterwards is another request.
  const [key, renew] = useState(() => crypto.randomUUID());
  const { shown: all, more, showAll } = useSteady(parts.data?.items, !parts.isFetching, new Set([...sent, ...draft.parts]));
  const usable = (g: GeometrySummary) => g.status !== "failed" && g.status !== "canceled";
  const chosen = all.filter((g) => usable(g) && draft.parts.includes(g.id)).map((g) => g.id);
  const onTheirWay = sending.filter((s) => !s.error).length;
  const settings = draft.presets.length + draft.own.length;
  const meshes = chosen.length * settings;
  const wrong = draft.own.some((o) => "problem" in readOwn(o));
  const change = (f: Parameters<typeof changeDraft>[0]) => {
    changeDraft(f);
    renew(crypto.randomUUID());
    create.reset();
  };
  const toggle = (list: readonly string[], one: string) =>
    list.includes(one) ? list.filter((x) => x !== one) : [...list, one];

  return (
    <div className={styles.page}>
      <form
        className={styles.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (create.isPending) return; // by Enter in a field
          create.mutate(
            { draft, parts: chosen, key },
            {
              onSuccess: (b) => {
                clearDraft();
                navigate(`/batches/${b.id}`);
              },
            },
          );
        }}
      >
        <div className={styles.head}>
          <h1 className={styles.heading}>New batch</h1>
          <label className={styles.add}>
            <Icon name="plus" /> Add files
            <input
              type="file"
              multiple
              accept={ACCEPTED}
              className="visually-hidden"
              onChange={(e) => {
                send([...(e.target.files ?? [])], "batch");
                e.target.value = "";
              }}
            />
          </label>
        </div>
        <p className={styles.quiet}>
          Every part that is chosen is meshed by every preset that is chosen, and by all settings of your own.
        </p>

        <fieldset className={styles.presets}>
          <legend className={styles.legend}>Presets</legend>
          {PRESETS.map((p) => (
            <label key={p.name} className={styles.preset}>
              <input
                type="checkbox"
                checked={draft.presets.includes(p.name)}
                onChange={() => change((d) => ({ ...d, presets: toggle(d.presets, p.name) }))}
              />
              {p.name} <span className={styles.quiet}>fineness {p.fineness}</span>
            </label>
          ))}
        </fieldset>

        <OwnSettings own={draft.own} onOwn={(own) => change((d) => ({ ...d, own }))} />

        <div className={styles.named}>
          <label htmlFor={`${id}-name`} className={styles.legend}>
            Name
          </label>
          <input
            id={`${id}-name`}
            className={styles.input}
            maxLength={200}
            placeholder="optional, such as spring variants"
            value={draft.name}
            onChange={(e) => change((d) => ({ ...d, name: e.target.value }))}
          />
        </div>

        <fieldset className={styles.parts}>
          <legend ref={heading} tabIndex={-1} className={styles.legend}>
            Parts
          </legend>
          <span className={styles.added}>
            <AddedParts more={more} onShow={showAll} heading={heading} />
          </span>
          {sending.map((s) => (
            <SendingRow key={s.key} sending={s} />
          ))}
          <Awaiting query={parts} queryKey={keys.geometries} label="Loading your parts" />
          {parts.data && all.length === 0 && sending.length === 0 && (
            <p className={styles.none}>None yet. Drop some files anywhere on the page.</p>
          )}
          {all.length > 1 && (
            <div className={styles.choose}>
              <Button kind="quiet" onClick={() => change((d) => ({ ...d, parts: all.filter(usable).map((g) => g.id) }))}>
                All
              </Button>
              <Button kind="quiet" onClick={() => change((d) => ({ ...d, parts: [] }))}>
                None
              </Button>
            </div>
          )}
          <ul className={styles.list}>
            {all.map((g) => (
              <li key={g.id} className={styles.row}>
                <label className={styles.part}>
                  <input
                    type="checkbox"
                    checked={usable(g) && draft.parts.includes(g.id)}
                    disabled={!usable(g)}
                    onChange={() => change((d) => ({ ...d, parts: toggle(d.parts, g.id) }))}
                  />
                  <span className={styles.name}>{g.filename}</span>
                </label>
                <span className={g.status === "failed" ? styles.bad : styles.quiet}>{facts(g)}</span>
                <Link href={`/parts/${g.id}`} className={styles.open} aria-label={`Open ${g.filename}`}>
                  Open
                </Link>
              </li>
            ))}
          </ul>
        </fieldset>

        <div className={styles.foot}>
          {create.isError && <Note kind="bad">{create.error.problem?.errors?.[0]?.message ?? create.error.message}</Note>}
          <Button kind="primary" type="submit" busy={create.isPending} disabled={meshes === 0 || wrong}>
            {meshes === 0 ? "Mesh" : `Make ${count(meshes)} ${meshes === 1 ? "mesh" : "meshes"}`}
          </Button>
          <span className={styles.quiet} aria-live="polite">
            {chosen.length === 0
              ? "Choose a part."
              : settings === 0
                ? "Choose a preset, or add settings."
                : `${plural(chosen.length, "part")} by ${plural(settings, "setting")}`}
            {onTheirWay > 0 && `, ${plural(onTheirWay, "file")} still on the way`}
          </span>
        </div>
      </form>
    </div>
  );
}

/** facts says in a line what a part is. */
function facts(g: GeometrySummary): string {
  const box = g.bounding_box;
  if (g.status === "failed") return g.error?.message ?? "could not be read";
  if (!final(g.status)) return "being read";
  const sides = box ? [0, 1, 2].map((k) => measure(box.max[k] - box.min[k], k === 2 ? g.units : undefined)).join(" × ") : "";
  const held = g.defect ? `${plural(g.triangle_count ?? 0, "triangle")} that do not close` : plural(g.solid_count, "solid");
  return [held, sides, bytes(g.size)].filter(Boolean).join(", ");
}
