/** The first page: where files go in, and the parts that are there. */
import { useRef, useState } from "react";
import { Link } from "wouter";
import type { GeometrySummary } from "../api/client";
import { keys, useDeleteGeometry, useParts } from "../api/queries";
import { BatchList } from "../batches/BatchList";
import { ago, bytes, count, measure } from "../format";
import { Awaiting } from "../ui/Awaiting";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Removing } from "../ui/Removing";
import { AddedParts } from "./AddedParts";
import styles from "./Home.module.css";
import { SendingRow } from "./SendingRow";
import { ACCEPTED, useUploads } from "./uploads";
import { useSteady } from "./useSteady";

export function Home() {
  const { sending, sent, send } = useUploads();
  const input = useRef<HTMLInputElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const parts = useParts();
  const { shown, more, showAll } = useSteady(parts.data?.items, !parts.isFetching, sent);
  const remove = useDeleteGeometry();
  const [leaving, setLeaving] = useState<GeometrySummary | null>(null);
  const none = parts.data?.items.length === 0 && sending.length === 0;
  return (
    <div className={styles.page}>
      <section className={styles.drop} aria-labelledby="drop-title">
        <Icon name="upload" size={34} />
        <h1 id="drop-title">Drop a part here</h1>
        <p className={styles.quiet}>STEP, IGES, BREP or STL, or several of them, anywhere on the page</p>
        <Button kind="primary" onClick={() => input.current?.click()}>
          Choose files
        </Button>
        <input
          ref={input}
          type="file"
          multiple
          accept={ACCEPTED}
          className="visually-hidden"
          aria-label="Choose files"
          tabIndex={-1}
          onChange={(e) => {
            send([...(e.target.files ?? [])]);
            e.target.value = "";
          }}
        />
      </section>

      <section aria-labelledby="parts-title">
        <div className={styles.head}>
          <h2 id="parts-title" ref={heading} tabIndex={-1} className={styles.title}>
            Your parts
          </h2>
          <AddedParts more={more} onShow={showAll} heading={heading} />
        </div>
        <div className={parts.data ? undefined : styles.place}>
          <Awaiting query={parts} queryKey={keys.geometries} label="Loading your parts" />
        </div>
        {none && (
          <p className={`${styles.place} ${styles.quiet}`}>
            None yet. A part shows as soon as it is read; nothing has to be set up first.
          </p>
        )}
        <ul className={styles.list}>
          {sending.map((s) => (
            <li key={s.key}>
              <SendingRow sending={s} />
            </li>
          ))}
          {shown.map((g) => (
            <li key={g.id} className={styles.item}>
              <Part geometry={g} />
              <IconButton kind="quiet" label={`Delete ${g.filename}`} className={styles.remove} onClick={() => setLeaving(g)}>
                <Icon name="trash" size={16} />
              </IconButton>
            </li>
          ))}
        </ul>
        {leaving && (
          <Removing
            title={`Delete ${leaving.filename}?`}
            action="Delete"
            remove={remove}
            what={leaving.id}
            onClose={() => setLeaving(null)}
            beside={heading}
          >
            <p>All its meshes and their files are deleted with it.</p>
          </Removing>
        )}
      </section>
      <BatchList ready={!parts.isPending || parts.failureCount > 0} />
    </div>
  );
}

function Part({ geometry: g }: { geometry: GeometrySummary }) {
  const box = g.bounding_box;
  return (
    <Link href={`/parts/${g.id}`} className={`${styles.row} ${styles.part}`}>
      <span className={styles.name}>{g.filename}</span>
      <span className={`${styles.grow} ${styles.quiet}`}>
        {g.status === "succeeded" && box ? (
          <>
            {g.defect
              ? `${count(g.triangle_count ?? 0)} triangles that do not close`
              : `${count(g.solid_count)} ${g.solid_count === 1 ? "solid" : "solids"}, ${count(g.face_count)} ${g.face_count === 1 ? "face" : "faces"}`}
            , {[0, 1, 2].map((k) => measure(box.max[k] - box.min[k], k === 2 ? g.units : undefined)).join(" × ")}
          </>
        ) : g.status === "failed" ? (
          <span className={styles.bad}>{g.error?.message}</span>
        ) : (
          "being read"
        )}
      </span>
      <span className={styles.quiet}>
        {g.format.toUpperCase()}, {bytes(g.size)}
      </span>
      <span className={`${styles.when} ${styles.quiet}`}>{ago(g.created_at)}</span>
    </Link>
  );
}
