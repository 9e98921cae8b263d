/** A part and its meshes: the scene in the middle, what can be done beside it. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { Link, useLocation } from "wouter";
import { type Artifact, final, type Geometry, type Mesh, type Spec } from "../api/client";
import { keys, useCreateMesh, useExpectedMesh, useGeometry, useMesh, useMeshes } from "../api/queries";
import type { ThemeName } from "../app/theme";
import { EntityTree } from "../entities/EntityTree";
import { groupsOf } from "../entities/rows";
import { useVisibility } from "../entities/useVisibility";
import { count, measure } from "../format";
import { Quality } from "../inspect/Quality";
import { useInspection } from "../inspect/useInspection";
import { proposals } from "../setup/proposals";
import { byLattice } from "../setup/remedies";
import { Setup } from "../setup/Setup";
import { bare } from "../setup/spec";
import { useStoredDraft } from "../setup/storedDraft";
import { Awaiting } from "../ui/Awaiting";
import { Button, Note, Progress } from "../ui/controls";
import { useAliveState } from "../ui/useAliveState";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { expectSurface } from "../viewer/load";
import type { MeshViewer } from "../viewer/MeshViewer";
import type { Entities } from "../viewer/structure";
import { lookOf, readShown } from "./address";
import { DraftNote } from "./DraftNote";
import { Failure } from "./Failure";
import { Picked } from "./Picked";
import { Result } from "./Result";
import { Runs } from "./Runs";
import { Scene } from "./Scene";
import { useAddress } from "./useAddress";
import { useDraftMesh } from "./useDraftMesh";
import { useTreeOpen } from "./useTreeOpen";
import { Warnings } from "./Warnings";
import styles from "./Workspace.module.css";

export default function Workspace({
  geometry: id,
  mesh: meshId,
  theme,
}: {
  geometry: string;
  mesh?: string;
  theme: ThemeName;
}) {
  const geometry = useGeometry(id);
  const meshes = useMeshes(id);
  const mesh = useMesh(meshId);
  const expected = useExpectedMesh();
  const create = useCreateMesh(id);
  const [, navigate] = useLocation();
  const [draft, setDraft] = useStoredDraft(id);
  const [picked, setPicked] = useState<readonly number[]>([]);
  const [viewer, setViewer] = useAliveState<MeshViewer | null>(null);

  const first = useMemo(() => readShown(window.location.search), []);
  const [look, setLook] = useState(() => lookOf(first));
  const g = geometry.data;
  const m = mesh.data;
  useTitle(g?.filename);
  const drafts = useDraftMesh(g);
  const own = useMemo(() => surfaceOf(m), [m]);
  const settled = own?.id ?? (m && final(m.status) ? m.id : undefined);
  useEffect(() => {
    if (settled) drafts.drop(); // what comes of a mesh takes the place of its draft, and not before it is there
  }, [settled]);
  const shownMesh = drafts.shown ?? m;
  const surface = useMemo(() => surfaceOf(drafts.shown) ?? own ?? g?.preview, [drafts.shown, own, g]);
  const volume = shownMesh?.artifacts.find((a) => a.format === "volume");

  const setHidden = useCallback((hidden: Entities) => setLook((l) => ({ ...l, hidden })), []);
  const visibility = useVisibility(g, look.hidden, setHidden);
  const groups = useMemo(() => (g ? groupsOf(g, m ? m.spec.groups : draft.groups) : []), [g, m, draft.groups]);
  const [tree, turnTree] = useTreeOpen();
  const toggleTree = () => {
    // Who is in the tree goes on in the scene.
    if (document.activeElement?.closest("section")?.contains(document.querySelector("[role=tree]"))) focusOn("canvas");
    turnTree();
  };
  const entities = { solids: [], faces: picked };
  const hidePicked = () => {
    visibility.hide(entities);
    setPicked([]);
  };
  useKeys({
    t: toggleTree,
    h: () => picked.length > 0 && hidePicked(),
    i: () => picked.length > 0 && visibility.isolate(entities),
    "\u21e7h": visibility.showAll,
  });

  const inspected = useInspection({
    id: meshId,
    mesh: drafts.shown ? null : m,
    look,
    onLook: setLook,
    first: first.brush,
  });
  const { setFocus } = inspected;
  const address = useAddress({ ...look, brush: inspected.brush }, [viewer]);

  // What is known stays, whatever comes of asking again: only what is gone is shown no more.
  if (geometry.error?.status === 404) {
    return (
      <div className={styles.centre}>
        <h1>There is no such part</h1>
        <p>It may have been deleted.</p>
        <Link href="/">Your parts</Link>
      </div>
    );
  }
  if (!g) {
    return (
      <div className={styles.centre}>
        <Awaiting query={geometry} queryKey={keys.geometry(id)} label="Loading the part" title="The part cannot be shown" />
      </div>
    );
  }
  const part = g;
  const open = (mesh?: string) => navigate(mesh ? `/parts/${id}/${mesh}` : `/parts/${id}`);
  const choose = (mesh?: string) => {
    drafts.drop();
    open(mesh);
  };

  // What was asked for last is what a person wants to see; its draft stands for it until it is there.
  const begun = (mesh: string) => {
    if (mesh === meshId) drafts.drop();
    open(mesh);
    requestAnimationFrame(() => document.getElementById("result")?.scrollIntoView({ block: "nearest" }));
  };
  const attempt = (spec: Spec) => {
    const pressed = document.activeElement;
    setDraft(spec);
    create.mutate(spec, {
      onSuccess: (m) => {
        begun(m.id);
        requestAnimationFrame(() => {
          const at = document.activeElement;
          if (at === pressed || at === document.body) focusOn("#result"); // what was pressed stood in the one before
        });
      },
    });
  };
  const again = (spec: Spec) => {
    setDraft(bare(spec));
    document.getElementById("setup")?.scrollIntoView({ block: "start" });
    document.querySelector<HTMLElement>("#setup [aria-pressed=true], #setup input")?.focus({ preventScroll: true });
  };

  return (
    <div
      className={styles.workspace}
      data-tree={tree || undefined}
      data-nothing={(!surface && final(part.status)) || undefined}
    >
      <Title name={part.filename} />
      {tree && (
        <EntityTree
          geometry={part}
          groups={groups}
          viewer={viewer}
          coloring={look.coloring}
          visibility={visibility}
          picked={picked}
          onPicked={setPicked}
          onClose={toggleTree}
        />
      )}
      <Scene
        surface={surface}
        tessellation={surface !== undefined && surface === g.preview}
        volume={volume}
        structure={visibility.structure}
        solids={part.solids}
        groups={groups}
        theme={theme}
        units={part.units}
        empty={!final(part.status) ? "The part is being read" : undefined}
        look={look}
        onLook={setLook}
        {...inspected.scene}
        picked={picked}
        onPicked={setPicked}
        tree={tree}
        onTree={toggleTree}
        onViewer={setViewer}
        camera={first.camera}
        link={() => `${window.location.origin}${address()}`}
        note={drafts.shown && <DraftNote draft={drafts.shown} units={part.units} onLeave={drafts.drop} />}
      >
        {picked.length > 0 && (
          <Picked
            geometry={part}
            picked={picked}
            onPicked={setPicked}
            smoothly={(tags) => viewer?.smoothlyFrom(tags) ?? [...tags]}
            propose={proposals(part, draft, setDraft)}
            onHide={hidePicked}
            onIsolate={() => visibility.isolate(entities)}
          />
        )}
      </Scene>
      <aside className={styles.panel} aria-label="Part and meshes">
        <section className={styles.facts} aria-label="The part">
          <Awaiting query={geometry} queryKey={keys.geometry(id)} label="Loading the part" />
          {part.status === "failed" && part.error ? (
            <Failure
              diagnosis={part.error}
              title="The file could not be read"
              onPlace={surface && ((point) => setFocus({ point, radius: 1 }))}
            />
          ) : !final(part.status) ? (
            <>
              <p>Reading {part.filename}</p>
              <Progress value={part.progress} label="Reading the part" />
            </>
          ) : (
            <dl className={styles.facts}>
              <Fact name="Holds" value={holds(part)} />
              {part.bounding_box && (
                <Fact
                  name="Size"
                  value={[0, 1, 2]
                    .map((k) =>
                      measure(
                        (part.bounding_box?.max[k] ?? 0) - (part.bounding_box?.min[k] ?? 0),
                        k === 2 ? part.units : undefined,
                      ),
                    )
                    .join(" × ")}
                />
              )}
              {part.volume ? <Fact name="Volume" value={measure(part.volume, part.units, 3)} /> : null}
            </dl>
          )}
          {part.defect && (
            <Failure
              diagnosis={part.defect}
              kind="warn"
              title="This surface does not close"
              onPlace={surface && ((point) => setFocus({ point, radius: across(part) / 4 }))}
            >
              {!part.defect.no_inside && (
                <Button busy={create.isPending} onClick={() => attempt(byLattice(draft).spec)}>
                  {byLattice(draft).label}
                </Button>
              )}
            </Failure>
          )}
          <Warnings of={part.warnings} />
        </section>
        <Setup
          geometry={part}
          spec={draft}
          onSpec={setDraft}
          onMesh={begun}
          onSlide={drafts.slide}
          picked={picked}
          onPicked={setPicked}
        />
        <Runs
          meshes={meshes.data?.items ?? []}
          units={part.units}
          selected={meshId}
          onSelect={choose}
          onNear={(mesh) => {
            expected(mesh);
            expectSurface();
          }}
          onCompare={(left, right) => navigate(`/compare/${id}/${left}/${right}`)}
        />
        {meshId && m && (
          <Result mesh={m} live={mesh.live} units={part.units} onFocus={setFocus} onAgain={again} onTry={attempt} />
        )}
        {m?.status === "succeeded" && <Quality mesh={m} {...inspected.quality} />}
        {meshId &&
          (mesh.error?.status === 404 ? (
            <Note kind="bad">There is no such mesh.</Note>
          ) : (
            <Awaiting
              key={meshId}
              query={mesh}
              queryKey={keys.mesh(meshId)}
              label="Loading the mesh"
              onAnswered={() => focusOn("#result")}
            />
          ))}
      </aside>
    </div>
  );
}

function focusOn(what: string): void {
  document.querySelector<HTMLElement>(what)?.focus({ preventScroll: true });
}

/** holds says what is in a part. */
function holds(part: Geometry): string {
  if (part.defect) return `${count(part.triangle_count ?? 0)} triangles`;
  return `${count(part.solid_count)} ${part.solid_count === 1 ? "solid" : "solids"}, ${count(part.face_count)} faces`;
}

/** across is the diagonal of a part. */
function across(part: Geometry): number {
  const box = part.bounding_box;
  return box ? Math.hypot(...box.max.map((x, k) => x - box.min[k])) : 1;
}

/** surfaceOf returns the surface of a mesh, or that of its faces alone while there is no other. */
function surfaceOf(m: Mesh | null | undefined): Artifact | undefined {
  const files = (m?.artifacts ?? []).filter((a) => a.format === "surface");
  return files.find((a) => !a.preview) ?? files[0];
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Title puts the name of the part into the bar above. */
function Title({ name }: { name: string }) {
  const bar = document.getElementById("bar-middle");
  return bar && createPortal(<h1 className={styles.title}>{name}</h1>, bar);
}
