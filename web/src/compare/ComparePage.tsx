/** Two meshes of a part side by side: one camera, one cut, one scale of colours for both, and what they differ in. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Link, useLocation } from "wouter";
import type { Mesh, MeshSummary } from "../api/client";
import { keys as queryKeys, useGeometry, useMesh, useMeshes } from "../api/queries";
import type { ThemeName } from "../app/theme";
import { differences } from "../setup/differences";
import { Awaiting } from "../ui/Awaiting";
import { Button, Note, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useAliveState } from "../ui/useAliveState";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { hull } from "../viewer/glb";
import type { MeshViewer } from "../viewer/MeshViewer";
import { NONE } from "../viewer/structure";
import type { Measure } from "../viewer/surfaceFile";
import { lookOf, readShown } from "../workspace/address";
import { CutTools } from "../workspace/CutTools";
import { Legend } from "../workspace/Legend";
import { FIRST_CUT, type Look } from "../workspace/look";
import { outcome } from "../workspace/Runs";
import { useAddress } from "../workspace/useAddress";
import { VIEWS, ViewTools } from "../workspace/ViewTools";
import styles from "./Compare.module.css";
import { Figures } from "./Figures";
import { Pane } from "./Pane";

interface Props {
  geometry: string;
  left: string;
  right: string;
  theme: ThemeName;
}

const SIDES = ["Left", "Right"] as const;

export default function ComparePage({ geometry: id, left, right, theme }: Props) {
  const geometry = useGeometry(id);
  const meshes = useMeshes(id);
  const a = useMesh(left);
  const b = useMesh(right);
  useTitle(geometry.data && `Two meshes of ${geometry.data.filename}`);
  const [, navigate] = useLocation();
  const first = useMemo(() => readShown(window.location.search), []);
  const [look, setLook] = useState<Look>(() => ({ ...lookOf(first), hidden: NONE, apart: null })); // which serve one part alone
  const change = useCallback((part: Partial<Look>) => setLook((l) => ({ ...l, ...part })), []);
  const [viewers, setViewers] = useAliveState<readonly (MeshViewer | null)[]>([null, null]);
  const [measures, setMeasures] = useState<readonly Measure[][]>([[], []]);
  const [cutting, setCutting] = useState<readonly boolean[]>([false, false]);
  useLinkedCameras(viewers, first.camera);
  useAddress({ ...look, brush: null }, viewers);

  const open = (l: string, r: string) => navigate(`/compare/${id}/${l}/${r}${window.location.search}`, { replace: true });
  const swap = () => open(right, left);
  const [leader] = viewers;
  useKeys({
    f: () => leader?.fit(),
    e: () => setLook((l) => ({ ...l, edges: !l.edges })),
    x: () => setLook((l) => ({ ...l, xray: !l.xray })),
    p: () => setLook((l) => ({ ...l, orthographic: !l.orthographic })),
    c: () => setLook((l) => ({ ...l, cut: l.cut ? null : FIRST_CUT })),
    s: swap,
    ...Object.fromEntries(VIEWS.map(({ view, key }) => [key, () => leader?.look(view)])),
  });

  // What is known stays, whatever comes of asking again: only what is gone is shown no more.
  if ([geometry, a, b].some(({ error }) => error?.status === 404)) {
    return (
      <div className={styles.centre}>
        <Note kind="bad">One of the two is not there. It may have been deleted.</Note>
        <Link href={`/parts/${id}`}>Back to the part</Link>
      </div>
    );
  }
  if (!geometry.data) {
    return (
      <div className={styles.centre}>
        <Awaiting
          query={geometry}
          queryKey={queryKeys.geometry(id)}
          label="Loading the meshes"
          title="The meshes cannot be shown"
        />
      </div>
    );
  }
  const both = [a.data, b.data];
  const { units } = geometry.data;
  // The same colour stands for the same value in both: the scale holds those of both.
  const common = measures[0].flatMap((m) => {
    const other = measures[1].find((o) => o.name === m.name);
    return other ? [{ name: m.name, ...hull(m, other) }] : [];
  });
  const { coloring } = look;
  const shown = coloring.by === "measure" ? common.find((m) => m.name === coloring.name) : undefined;
  const others = (meshes.data?.items ?? []).filter((m) => m.status === "succeeded");
  return (
    <div className={styles.compare}>
      <Title part={id} name={geometry.data.filename} mesh={left} />
      <div className={styles.panes}>
        <div className={styles.tools}>
          <ViewTools viewer={viewers[0]} look={look} onLook={change} measures={common} />
          {look.cut && (
            <CutTools
              viewer={viewers[0]}
              cut={look.cut}
              onCut={(cut) => change({ cut })}
              elements={both.every((m) => m?.artifacts.some((f) => f.format === "volume"))}
              loading={cutting.some(Boolean)}
            />
          )}
          {shown && (
            <div className={styles.legend}>
              <Legend measure={shown} units={units} />
            </div>
          )}
        </div>
        {SIDES.map((side, i) => (
          <Pane
            key={side}
            side={side}
            query={[a, b][i]}
            queryKey={queryKeys.mesh([left, right][i])}
            theme={theme}
            units={units}
            look={look}
            scale={shown ?? null}
            onViewer={(v) => setViewers((before) => before.with(i, v))}
            onMeasures={(m) => setMeasures((before) => before.with(i, m))}
            onCutting={(c) => setCutting((before) => before.with(i, c))}
            head={
              <Choice
                side={side}
                chosen={[left, right][i]}
                meshes={others}
                units={units}
                onChoose={(mesh) => (i === 0 ? open(mesh, right) : open(left, mesh))}
              />
            }
          />
        ))}
      </div>
      <aside className={styles.panel} aria-label="Differences">
        <div className={styles.bar}>
          <h2 className={styles.title}>Differences</h2>
          <Button onClick={swap} title="Swap the sides (S)">
            <Icon name="swap" /> Swap
          </Button>
        </div>
        {a.data && b.data ? (
          <>
            <Asked left={a.data} right={b.data} units={units} />
            <Figures left={a.data} right={b.data} units={units} />
          </>
        ) : [a, b].some(({ failureReason }) => failureReason) ? (
          <p className={styles.asked}>The figures come with both meshes.</p>
        ) : (
          <Spinner label="Loading the figures" />
        )}
      </aside>
    </div>
  );
}

/** Choice names the mesh of a side, and changes it for another of the part. */
function Choice({
  side,
  chosen,
  meshes,
  units,
  onChoose,
}: {
  side: string;
  chosen: string;
  meshes: MeshSummary[];
  units?: string;
  onChoose: (mesh: string) => void;
}) {
  return (
    <select aria-label={`${side} mesh`} className={styles.choice} value={chosen} onChange={(e) => onChoose(e.target.value)}>
      {meshes.map((m) => (
        <option key={m.id} value={m.id}>
          {[differences(undefined, m.spec, units).join(", ") || "defaults", outcome(m)].join(": ")}
        </option>
      ))}
    </select>
  );
}

/** Asked says what the right one was asked for that the left one was not. */
function Asked({ left, right, units }: { left: Mesh; right: Mesh; units?: string }) {
  const words = differences(left.spec, right.spec, units);
  return (
    <p className={styles.asked}>
      {words.length ? (
        <>
          The right one was asked for <strong>{words.join(", ")}</strong>.
        </>
      ) : (
        "Both were asked for the same."
      )}
    </p>
  );
}

/** useLinkedCameras has each viewer look as the other does. */
function useLinkedCameras(viewers: readonly (MeshViewer | null)[], first: Parameters<MeshViewer["setCamera"]>[0] | null): void {
  const wanted = useRef(first);
  useEffect(() => {
    const [left, right] = viewers;
    if (!left || !right) return;
    if (wanted.current) for (const v of [left, right]) v.setCamera(wanted.current);
    wanted.current = null;
    const follow = (leader: MeshViewer, follower: MeshViewer) =>
      leader.on("view", () => {
        if (leader.camera) follower.setCamera(leader.camera);
      });
    const ends = [follow(left, right), follow(right, left)];
    return () => {
      for (const end of ends) end();
    };
  }, [viewers]);
}

/** Title puts what is compared into the bar above, with the way back. */
function Title({ part, mesh, name }: { part: string; mesh: string; name: string }) {
  const bar = document.getElementById("bar-middle");
  return (
    bar &&
    createPortal(
      <h1 className={styles.name}>
        Two meshes of <Link href={`/parts/${part}/${mesh}`}>{name}</Link>
      </h1>,
      bar,
    )
  );
}
