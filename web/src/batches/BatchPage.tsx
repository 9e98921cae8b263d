/** A batch as a table: a row for each mesh, as it stands now. */
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { type Batch, type BatchItem, final } from "../api/client";
import { keys } from "../api/queries";
import { count, exact, plural, seconds } from "../format";
import { Awaiting } from "../ui/Awaiting";
import { Confirm } from "../ui/Confirm";
import { Button, Note, Progress } from "../ui/controls";
import { Icon, type IconName } from "../ui/icons";
import { useTitle } from "../ui/useTitle";
import { STAGES } from "../workspace/stages";
import styles from "./Batches.module.css";
import { useArchive, useBatch, useCancelBatch, useDeleteBatch } from "./queries";

export default function BatchPage({ id }: { id: string }) {
  const batch = useBatch(id);
  const title = batch.data ? undefined : "The batch cannot be shown";
  const awaiting = <Awaiting query={batch} queryKey={keys.batch(id)} label="Loading the batch" title={title} />;
  if (batch.error?.status === 404 || !batch.data) {
    return (
      <div className={styles.centre}>
        {batch.error?.status === 404 ? <Note kind="bad">There is no such batch. It may have been deleted.</Note> : awaiting}
      </div>
    );
  }
  return <Table batch={batch.data}>{awaiting}</Table>;
}

/** Table shows a batch, below what is to be said of how old that is. */
function Table({ batch: b, children }: { batch: Batch; children: ReactNode }) {
  useTitle(b.name || "Batch");
  const cancel = useCancelBatch(b.id);
  const remove = useDeleteBatch(b.id);
  const [leaving, setLeaving] = useState(false);
  const [, navigate] = useLocation();
  const of = (status: string) => b.items.filter((i) => i.status === status).length;
  const ended = b.items.filter((i) => final(i.status)).length;
  const share = b.items.length === 0 ? 1 : b.items.reduce((n, i) => n + (final(i.status) ? 1 : i.progress), 0) / b.items.length;
  const said = [
    [of("succeeded"), "succeeded"],
    [of("running"), "running"],
    [of("queued"), "waiting"],
    [of("failed"), "failed"],
    [of("canceled"), "canceled"],
  ].filter(([n]) => n !== 0);
  return (
    <div className={styles.page} data-batch={b.done ? "done" : "running"}>
      <section className={styles.form} aria-labelledby="batch-title">
        <div className={styles.head}>
          <h1 id="batch-title" className={styles.heading}>
            {b.name || "Batch"}
          </h1>
          {!b.done && (
            <Button onClick={() => cancel.mutate()} busy={cancel.isPending}>
              <Icon name="stop" /> Cancel
            </Button>
          )}
          <Button kind="quiet" onClick={() => setLeaving(true)}>
            <Icon name="trash" /> Delete
          </Button>
          <Link href="/batches/new" className={styles.open}>
            New batch
          </Link>
        </div>
        {children}
        {!b.done && <Progress value={share} label={`${ended} of ${plural(b.items.length, "mesh")} have ended`} />}
        <p className={styles.quiet} aria-live="polite">
          {b.items.length === 0
            ? "All meshes of this batch have been deleted."
            : said.map(([n, what]) => `${count(n as number)} ${what}`).join(", ")}
        </p>
        {leaving && (
          <Confirm
            title={`Delete ${b.name || "this batch"}?`}
            action="Delete"
            busy={remove.isPending}
            error={remove.error?.message}
            onClose={() => setLeaving(false)}
            onConfirm={() => remove.mutate(undefined, { onSuccess: () => navigate("/") })}
          >
            <p>Its meshes and their files are deleted with it. The parts stay.</p>
          </Confirm>
        )}
        {cancel.isError && <Note kind="bad">{cancel.error.message}</Note>}
        {b.done && of("succeeded") > 0 && <Archive id={b.id} />}
        {b.items.length > 0 && (
          <table className={styles.table}>
            <caption className="visually-hidden">Meshes of the batch</caption>
            <thead>
              <tr>
                <th scope="col">Part</th>
                <th scope="col">Preset</th>
                <th scope="col">Status</th>
                <th scope="col" className={styles.number}>
                  Elements
                </th>
                <th scope="col" className={styles.number} title="smallest SICN of all elements: 1 is ideal, 0 is flat">
                  Worst SICN
                </th>
                <th scope="col" className={styles.number}>
                  Time
                </th>
              </tr>
            </thead>
            <tbody>
              {b.items.map((i) => (
                <Row key={i.mesh_id} item={i} preset={b.specs[i.spec]?.name ?? ""} />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

const ICONS: Record<BatchItem["status"], IconName> = {
  queued: "edges",
  running: "edges",
  succeeded: "check",
  failed: "alert",
  canceled: "close",
};

function Row({ item: i, preset }: { item: BatchItem; preset: string }) {
  return (
    <tr data-status={i.status}>
      <th scope="row">
        <Link href={`/parts/${i.geometry_id}/${i.mesh_id}`}>{i.filename}</Link>
      </th>
      <td>{preset || "–"}</td>
      <td className={styles[i.status]}>
        <span className={styles.status}>
          <Icon name={ICONS[i.status]} size={16} />
          {standing(i)}
        </span>
      </td>
      <td className={styles.number} data-label="elements">
        {i.elements ? exact(i.elements) : ""}
      </td>
      <td className={styles.number} data-label="worst SICN">
        {i.status === "succeeded" ? (i.min_sicn ?? 0).toFixed(2) : ""}
      </td>
      <td className={styles.number} data-label="time">
        {i.seconds ? seconds(i.seconds) : i.reused_from ? "made before" : ""}
      </td>
    </tr>
  );
}

function standing(i: BatchItem): string {
  switch (i.status) {
    case "queued":
      return "waiting";
    case "running":
      return [`${Math.round(100 * i.progress)}\u202f%`, STAGES[i.stage ?? ""]?.toLowerCase()].filter(Boolean).join(", ");
    case "failed":
      return i.error || "failed";
  }
  return i.status;
}

/** The formats that most people want; the others are a mesh's own to fetch. */
const FORMATS = ["msh", "vtk", "vtu", "inp", "unv", "stl"] as const;

function Archive({ id }: { id: string }) {
  const archive = useArchive(id);
  const [formats, setFormats] = useState<readonly string[]>(["msh"]);
  return (
    <div className={styles.archive}>
      <fieldset className={styles.formats}>
        <legend className="visually-hidden">Formats of the archive</legend>
        {FORMATS.map((f) => (
          <label key={f} className={styles.preset}>
            <input
              type="checkbox"
              checked={formats.includes(f)}
              onChange={() => setFormats((s) => (s.includes(f) ? s.filter((x) => x !== f) : [...s, f]))}
            />
            {f}
          </label>
        ))}
      </fieldset>
      <Button
        kind="primary"
        busy={archive.isPending}
        disabled={formats.length === 0}
        onClick={() => archive.mutate(FORMATS.filter((f) => formats.includes(f)))}
      >
        <Icon name="download" /> Download ZIP
      </Button>
      <span className={styles.quiet} role="status">
        {archive.isPending ? "The files are being written…" : formats.length === 0 ? "Choose a format." : ""}
      </span>
      {archive.isError && <Note kind="bad">{archive.error.message}</Note>}
    </div>
  );
}
