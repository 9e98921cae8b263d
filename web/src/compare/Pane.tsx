/** One of two meshes that are compared: its picture, and which mesh it is. */
import type { QueryKey } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Mesh } from "../api/client";
import type { useMesh } from "../api/queries";
import type { ThemeName } from "../app/theme";
import { Awaiting } from "../ui/Awaiting";
import { Spinner } from "../ui/controls";
import { MeshViewer } from "../viewer/MeshViewer";
import type { NamedScale } from "../viewer/palette";
import type { Prepared } from "../viewer/prepare";
import type { Measure } from "../viewer/surfaceFile";
import type { Pick } from "../viewer/types";
import { drawnAtOnce, type Look } from "../workspace/look";
import { PickCard } from "../workspace/PickCard";
import { THEMES } from "../workspace/themes";
import { type Reason, Unseen } from "../workspace/Unseen";
import { useSurface } from "../workspace/useSurface";
import styles from "./Compare.module.css";

interface Props {
  side: "Left" | "Right";
  query: ReturnType<typeof useMesh>;
  queryKey: QueryKey;
  theme: ThemeName;
  units?: string;
  look: Look;
  /** The scale that both meshes are coloured by. */
  scale: NamedScale | null;
  onViewer: (viewer: MeshViewer | null) => void;
  onMeasures: (measures: Measure[]) => void;
  onCutting: (loading: boolean) => void;
  /** What stands above the picture. */
  head: ReactNode;
}

export function Pane({ side, query, queryKey, theme, units, look, scale, onViewer, onMeasures, onCutting, head }: Props) {
  const mesh = query.data;
  const host = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<MeshViewer | null>(null);
  const [undrawn, setUndrawn] = useState<Reason | null>(null); // by this browser, whatever is loaded
  const [pick, setPick] = useState<Pick | null>(null);

  useEffect(() => {
    let v: MeshViewer;
    try {
      v = new MeshViewer(host.current as HTMLElement);
    } catch {
      setUndrawn({
        words:
          "This browser cannot draw in three dimensions: WebGL 2 is off or missing. The figures can be compared all the same.",
      });
      return;
    }
    v.on("hover", setPick);
    v.on("cutting", (c) => onCutting(c.loading));
    setViewer(v);
    onViewer(v);
    return () => {
      onViewer(null);
      v.dispose();
    };
  }, []);

  const surface = surfaceOf(mesh);
  const latest = useRef(mesh); // as it was told last: addresses hold for a while only
  latest.current = mesh;
  /** nothing is left of the mesh before: neither its picture nor its part in the scale of both. */
  const nothing = () => {
    viewer?.clear();
    onMeasures([]);
  };
  const volumeOf = (id: string | undefined) => () =>
    latest.current?.id === id ? latest.current?.artifacts.find((a) => a.format === "volume")?.url : undefined; // not of the next one's
  const draw = (p: Prepared) => {
    try {
      viewer?.show(p, undefined, p.known ? volumeOf(latest.current?.id) : undefined); // inside, once its outside is known
      onMeasures(p.surface.measures); // none before that: those of the one before are no scale of this
    } catch (e) {
      nothing();
      fail({ words: `The picture cannot be drawn: ${(e as Error).message} The figures can be compared all the same.` });
    }
  };
  const { loading, problem, fail, again } = useSurface(viewer, surface, {
    drawable: (p) => drawnAtOnce(look) && draw(p),
    loaded: draw,
    failed: nothing,
  });
  const without = mesh !== undefined && !surface;
  const unanswered = mesh === undefined && query.failureReason !== null;
  useEffect(() => {
    if (without || unanswered) nothing();
  }, [viewer, without, unanswered]);

  const { coloring, edges, xray, cut, orthographic } = look;
  useEffect(() => viewer?.setTheme(THEMES[theme]), [viewer, theme]);
  useEffect(() => viewer?.setColoring(coloring), [viewer, coloring]);
  useEffect(() => viewer?.setScale(scale), [viewer, scale?.name, scale?.low, scale?.high]);
  useEffect(() => viewer?.setEdges(edges), [viewer, edges]);
  useEffect(() => viewer?.setXray(xray), [viewer, xray]);
  useEffect(() => viewer?.setCut(cut), [viewer, cut]);
  useEffect(() => viewer?.setProjection(orthographic ? "orthographic" : "perspective"), [viewer, orthographic]);

  const unseen = undrawn ?? problem ?? (without ? { words: "There is no picture of this mesh." } : null);
  const focusPicture = () => host.current?.querySelector("canvas")?.focus();
  const retry = () => {
    focusPicture();
    again();
  };

  return (
    <section className={styles.pane} aria-label={`${side} mesh`}>
      <div className={styles.head}>{head}</div>
      <div className={styles.picture}>
        <div ref={host} className={styles.host} />
        {loading && (
          <div className={styles.loading}>
            <Spinner label="Loading the picture" />
          </div>
        )}
        {mesh === undefined && !undrawn && (
          <div className={styles.awaited}>
            <Awaiting
              key={String(queryKey[1])}
              query={query}
              queryKey={queryKey}
              label="Loading the picture"
              onAnswered={focusPicture}
            />
          </div>
        )}
        {unseen && !loading && <Unseen reason={unseen} onAgain={retry} />}
        {pick && <PickCard pick={pick} units={units} />}
      </div>
    </section>
  );
}

const surfaceOf = (mesh: Mesh | undefined) => mesh?.artifacts.find((a) => a.format === "surface" && !a.preview);
