/** The scene with its tools. The MeshViewer draws; this gives it what to draw and says what it found. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Artifact } from "../api/client";
import type { ThemeName } from "../app/theme";
import { measure } from "../format";
import { Note, Spinner } from "../ui/controls";
import { useKeys } from "../ui/useKeys";
import type { CuttingState } from "../viewer/cut/cuts";
import { MeshViewer } from "../viewer/MeshViewer";
import type { Measured } from "../viewer/measure/measuring";
import type { Prepared } from "../viewer/prepare";
import type { Structure } from "../viewer/structure";
import type { Measure } from "../viewer/surfaceFile";
import type { Group, Pick } from "../viewer/types";
import type { CameraState } from "../viewer/viewState";
import { ApartTools } from "./ApartTools";
import { CutTools } from "./CutTools";
import { Legend, Swatches } from "./Legend";
import { drawnAtOnce, FIRST_APART, FIRST_CUT, type Look } from "./look";
import { MeasureCard } from "./MeasureCard";
import { PickCard } from "./PickCard";
import { pickedNow } from "./picking";
import styles from "./Scene.module.css";
import { swatchesOf } from "./swatches";
import { THEMES } from "./themes";
import { type Reason, Unseen } from "./Unseen";
import { useSurface } from "./useSurface";
import { VIEWS, ViewTools } from "./ViewTools";

interface Props {
  surface?: Artifact;
  /** That is the part as it was read, and no mesh. */
  tessellation?: boolean;
  /** The elements behind the surface. */
  volume?: Artifact;
  structure: Structure;
  solids: readonly { tag: number; name?: string }[];
  groups: readonly Group[];
  theme: ThemeName;
  units?: string;
  focus: { point: [number, number, number]; radius: number } | null;
  empty?: string;
  look: Look;
  onLook: (change: (before: Look) => Look) => void;
  /** Values that stand out, of the measure shown. */
  brush: [number, number] | null;
  /** What the surface shown can be coloured by. */
  onMeasures: (measures: Measure[]) => void;
  /** Escape: what stood out shall do so no longer. */
  onEscape: () => void;
  /** Faces that are picked, by their tags. */
  picked: readonly number[];
  onPicked: (change: (before: readonly number[]) => readonly number[]) => void;
  /** The tree of entities, where there is one. */
  tree?: boolean;
  onTree?: () => void;
  onViewer?: (viewer: MeshViewer | null) => void;
  /** Where one looks from at first; null where the part is fitted. */
  camera: CameraState | null;
  /** The address that shows the same again, where there is one. */
  link?: () => string;
  /** What there is to say of the picture as a whole, which is then no mesh's. */
  note?: ReactNode;
  /** Lies over the picture. */
  children?: ReactNode;
}

export function Scene({
  surface,
  tessellation,
  volume,
  structure,
  solids,
  groups,
  theme,
  units,
  focus,
  empty,
  look,
  onLook,
  brush,
  onMeasures,
  onEscape,
  picked,
  onPicked,
  tree,
  onTree,
  onViewer,
  camera,
  link,
  note,
  children,
}: Props) {
  const host = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<MeshViewer | null>(null);
  const [undrawn, setUndrawn] = useState<Reason | null>(null); // by this browser, whatever is loaded
  // React keeps the state of what has left the page for a while: a large surface is held beside it, and let go of at once.
  const loaded = useRef<Prepared | null>(null);
  const [measures, setMeasures] = useState<Measure[] | null>(null); // of what is loaded
  const [begun, setBegun] = useState(0); // surfaces drawn since one was whole: what is seen is not all there, 0 where it is
  const [pick, setPick] = useState<Pick | null>(null);
  const [measuring, setMeasuring] = useState(false);
  const [measured, setMeasured] = useState<Measured | null>(null);
  const [lost, setLost] = useState(false);
  const [cutting, setCutting] = useState<CuttingState>({ loading: false });
  const change = (part: Partial<Look>) => onLook((l) => ({ ...l, ...part }));

  useEffect(() => {
    let v: MeshViewer;
    try {
      v = new MeshViewer(host.current as HTMLElement);
    } catch {
      setUndrawn({
        words:
          "This browser cannot draw in three dimensions: WebGL 2 is off or missing. Meshing and downloads work all the same.",
      });
      return;
    }
    v.on("hover", setPick);
    v.on("pick", (p, add) => {
      // A click on a cut names an element: it changes nothing about the faces picked. A face that is in no list has tag 0.
      if (!p || p.face >= 0) onPicked((before) => pickedNow(before, p?.tag || undefined, add));
    });
    v.on("cutting", setCutting);
    v.on("measure", setMeasured);
    v.on("lost", () => setLost(true));
    v.on("restored", () => setLost(false));
    if (camera) v.setCamera(camera);
    setViewer(v);
    onViewer?.(v);
    return () => {
      onViewer?.(null);
      v.dispose();
      loaded.current = null;
    };
  }, []);

  const file = surface?.id;
  const faces = surface?.preview && !tessellation; // of a mesh, before there is more of it
  const current = useRef({ file, volume, faces }); // as they were told last: addresses hold for a while only
  current.current = { file, volume, faces };
  const { loading, problem, fail, again } = useSurface(viewer, surface, {
    drawable: (l) => {
      if (!drawnAtOnce(look)) return; // it would be seen without for a moment
      loaded.current = Object.assign(l, { faces: current.current.faces });
      setBegun((n) => n + 1);
    },
    loaded: (l) => {
      loaded.current = Object.assign(l, { faces: current.current.faces });
      setBegun(0);
      setMeasures(l.surface.measures);
      onMeasures(l.surface.measures);
    },
    failed: () => {
      loaded.current = null;
      setBegun(0);
      setMeasures(null);
      onMeasures([]);
    },
  });

  const whole = begun === 0; // until it is, what the one before was measured by is no measure of what is seen
  useEffect(() => {
    if (!loaded.current) return;
    const shown = current.current.file;
    const volumeUrl = () => (current.current.file === shown ? current.current.volume?.url : undefined);
    try {
      viewer?.show(loaded.current, structure, whole ? volumeUrl : undefined); // inside, once its outside is known
    } catch (e) {
      fail({ words: `The picture cannot be drawn: ${(e as Error).message} Meshing and downloads work all the same.` });
    }
  }, [viewer, begun, measures, structure]);

  useEffect(() => viewer?.setSelected(picked), [viewer, picked]);
  useEffect(() => viewer?.setTheme(THEMES[theme]), [viewer, theme]);
  const { coloring, edges, xray, cut, orthographic, hidden, apart } = look;
  useEffect(() => viewer?.setGroups(groups), [viewer, groups]);
  useEffect(() => viewer?.setColoring(coloring), [viewer, coloring]);
  useEffect(() => viewer?.brush(whole ? brush : null), [viewer, whole, brush]);
  useEffect(() => viewer?.setEdges(edges), [viewer, edges]);
  useEffect(() => viewer?.setOutlines(!note), [viewer, !note]);
  useEffect(() => viewer?.setXray(xray), [viewer, xray]);
  useEffect(() => viewer?.setCut(cut), [viewer, cut]);
  useEffect(() => viewer?.setHidden(hidden), [viewer, hidden]);
  useEffect(() => viewer?.setApart(apart ?? 0), [viewer, apart]);
  useEffect(() => viewer?.setProjection(orthographic ? "orthographic" : "perspective"), [viewer, orthographic]);
  useEffect(() => viewer?.setMeasuring(measuring ? (d) => measure(d, units) : null), [viewer, measuring, units]);
  useEffect(() => {
    if (!focus) return;
    viewer?.flyTo(focus.point, focus.radius);
    viewer?.mark(focus.point);
    host.current?.querySelector("canvas")?.scrollIntoView({ block: "nearest" }); // on a phone it may be out of view
  }, [viewer, focus]);

  const unseen = undrawn ?? problem;
  /** retry tries to load the picture once more; its button goes, so that the picture has the focus. */
  const retry = () => {
    host.current?.querySelector("canvas")?.focus();
    again();
  };

  const several = structure.solids.length > 1;
  useKeys({
    f: () => viewer?.fit(),
    e: () => onLook((l) => ({ ...l, edges: !l.edges })),
    x: () => onLook((l) => ({ ...l, xray: !l.xray })),
    p: () => onLook((l) => ({ ...l, orthographic: !l.orthographic })),
    c: () => onLook((l) => ({ ...l, cut: l.cut ? null : FIRST_CUT })),
    d: () => several && onLook((l) => ({ ...l, apart: l.apart === null ? FIRST_APART : null })),
    m: () => setMeasuring((on) => !on),
    escape: () => {
      // One thing at a time: what was measured, then measuring itself.
      if (measuring) {
        if (!viewer?.clearMeasured()) setMeasuring(false);
        return;
      }
      onPicked(() => []);
      onEscape();
      viewer?.mark(null);
    },
    ...Object.fromEntries(VIEWS.map(({ view, key }) => [key, () => viewer?.look(view)])),
  });

  const types = [...((look.cut && cutting.types) || []), ...(loaded.current?.types ?? [])];
  const swatches = swatchesOf(coloring, { structure, solids, groups, types });
  const shown = whole && coloring.by === "measure" ? measures?.find((m) => m.name === coloring.name) : undefined;
  return (
    <section className={styles.scene} aria-label="Scene" data-draft={note ? true : undefined}>
      <div ref={host} className={styles.host} />
      {lost && (
        <div className={styles.cover}>The graphics card was taken away for a moment; the picture comes back by itself.</div>
      )}
      {!surface && !unseen && (
        <div className={styles.cover}>
          {empty ? (
            <>
              <Spinner label={empty} /> {empty}
            </>
          ) : (
            "There is nothing to show"
          )}
        </div>
      )}
      {unseen && !loading && <Unseen reason={unseen} onAgain={retry} />}
      {loading && (
        <div className={styles.loading}>
          <Spinner label="Loading the picture" />
        </div>
      )}
      <div className={styles.top}>
        {(surface || empty) && (
          <ViewTools
            viewer={viewer}
            look={look}
            onLook={change}
            measures={measures ?? []}
            solids={several}
            groups={groups.length > 0}
            elements={types.length > 0}
            tree={tree}
            onTree={onTree}
            link={link}
            measuring={measuring}
            onMeasuring={() => setMeasuring(!measuring)}
          />
        )}
        {look.cut && (
          <CutTools
            viewer={viewer}
            cut={look.cut}
            onCut={(cut) => change({ cut })}
            elements={volume !== undefined}
            loading={cutting.loading}
          />
        )}
        {several && look.apart !== null && <ApartTools apart={look.apart} onApart={(apart) => change({ apart })} />}
        {note}
        {look.cut && cutting.problem && <Note kind="warn">The elements could not be loaded: {cutting.problem}</Note>}
      </div>
      {shown && <Legend measure={shown} units={units} />}
      {swatches && <Swatches {...swatches} />}
      {children}
      {measuring ? (
        <MeasureCard measured={measured} units={units} elements={types.length > 0} />
      ) : (
        pick && <PickCard pick={pick} units={units} />
      )}
    </section>
  );
}
