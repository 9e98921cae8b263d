/** The scene with its tools. The MeshViewer draws; this gives it what to draw and says what it found. */
import { useEffect, useRef, useState } from "react";
import type { Artifact } from "../api/client";
import type { ThemeName } from "../app/theme";
import { number } from "../format";
import { IconButton, Note, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { scaleGradient } from "../viewer/colors";
import { SurfaceLoader } from "../viewer/load";
import { type ColorBy, type Cut, MeshViewer, type Pick, type StandardView, type Theme } from "../viewer/MeshViewer";
import type { Measure } from "../viewer/surfaceFile";
import styles from "./Scene.module.css";

const THEMES: Record<ThemeName, Theme> = {
  light: { background: "#f6f7f9", edge: "#1c222b", accent: "#ff8a1f", outline: "#20262f" },
  dark: { background: "#12161d", edge: "#05070a", accent: "#ffa14a", outline: "#c9d3df" },
};

const VIEWS: { view: StandardView; key: string; label: string }[] = [
  { view: "iso", key: "0", label: "Oblique" },
  { view: "front", key: "1", label: "Front" },
  { view: "back", key: "2", label: "Back" },
  { view: "left", key: "3", label: "Left" },
  { view: "right", key: "4", label: "Right" },
  { view: "top", key: "5", label: "Top" },
  { view: "bottom", key: "6", label: "Bottom" },
];

interface Props {
  surface?: Artifact;
  theme: ThemeName;
  units?: string;
  focus: { point: [number, number, number]; radius: number } | null;
  empty?: string;
}

export function Scene({ surface, theme, units, focus, empty }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<MeshViewer | null>(null);
  const [problem, setProblem] = useState("");
  const [loading, setLoading] = useState(false);
  const [measures, setMeasures] = useState<Measure[]>([]);
  const [coloring, setColoring] = useState<ColorBy>({ by: "plain" });
  const [edges, setEdges] = useState(true);
  const [xray, setXray] = useState(false);
  const [cut, setCut] = useState<Cut | null>(null);
  const [orthographic, setOrthographic] = useState(false);
  const [pick, setPick] = useState<Pick | null>(null);
  const [lost, setLost] = useState(false);
  const loader = useRef<SurfaceLoader | null>(null);

  useEffect(() => {
    let v: MeshViewer;
    try {
      v = new MeshViewer(host.current as HTMLElement);
    } catch {
      setProblem(
        "This browser cannot draw in three dimensions: WebGL 2 is off or missing. Meshing and downloads work all the same.",
      );
      return;
    }
    loader.current = new SurfaceLoader();
    v.on("hover", setPick);
    v.on("pick", (p) => v.setSelected(p ? [p.face] : []));
    v.on("lost", () => setLost(true));
    v.on("restored", () => setLost(false));
    setViewer(v);
    return () => {
      v.dispose();
      loader.current?.dispose();
    };
  }, []);

  const url = surface?.url;
  const file = surface?.id;
  useEffect(() => {
    if (!viewer || !url || !loader.current) return;
    setLoading(true);
    setProblem("");
    loader.current
      .load(url)
      .then((p) => {
        if (!p) return;
        viewer.show(p);
        setMeasures(p.surface.measures);
        setLoading(false);
      })
      .catch((e: Error) => {
        setProblem(`The picture could not be loaded: ${e.message}`);
        setLoading(false);
      });
  }, [viewer, file]);

  useEffect(() => viewer?.setTheme(THEMES[theme]), [viewer, theme]);
  useEffect(() => viewer?.setColoring(coloring), [viewer, coloring]);
  useEffect(() => viewer?.setEdges(edges), [viewer, edges]);
  useEffect(() => viewer?.setXray(xray), [viewer, xray]);
  useEffect(() => viewer?.setCut(cut), [viewer, cut]);
  useEffect(() => viewer?.setProjection(orthographic ? "orthographic" : "perspective"), [viewer, orthographic]);
  useEffect(() => {
    if (focus) viewer?.flyTo(focus.point, focus.radius);
  }, [viewer, focus]);

  useEffect(() => {
    if (!viewer) return;
    const keys: Record<string, () => void> = {
      f: () => viewer.fit(),
      e: () => setEdges((x) => !x),
      x: () => setXray((x) => !x),
      p: () => setOrthographic((x) => !x),
      c: () => setCut((c) => (c ? null : { axis: 0, offset: 0.5, flipped: false })),
    };
    for (const { view, key } of VIEWS) keys[key] = () => viewer.look(view);
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target as HTMLElement).closest("input, select, textarea, dialog")) return;
      keys[e.key.toLowerCase()]?.();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [viewer]);

  const shown = coloring.by === "measure" ? measures.find((m) => m.name === coloring.name) : undefined;
  return (
    <section className={styles.scene} aria-label="Scene">
      <div ref={host} className={styles.host} />
      {lost && (
        <div className={styles.cover}>The graphics card was taken away for a moment; the picture comes back by itself.</div>
      )}
      {!surface && !problem && (
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
      {problem && (
        <div className={styles.cover}>
          <Note kind="bad">{problem}</Note>
        </div>
      )}
      {loading && (
        <div className={styles.loading}>
          <Spinner label="Loading the picture" />
        </div>
      )}
      <div className={styles.top}>
        <div className={styles.tools} role="toolbar" aria-label="View">
          <IconButton label="Fit (F)" onClick={() => viewer?.fit()}>
            <Icon name="fit" />
          </IconButton>
          <select
            className={styles.select}
            aria-label="Standard view"
            value=""
            onChange={(e) => viewer?.look(e.target.value as StandardView)}
          >
            <option value="" disabled>
              View
            </option>
            {VIEWS.map((v) => (
              <option key={v.view} value={v.view}>
                {v.label} ({v.key})
              </option>
            ))}
          </select>
          <IconButton label="Perspective or parallel (P)" pressed={orthographic} onClick={() => setOrthographic(!orthographic)}>
            <Icon name="perspective" />
          </IconButton>
          <IconButton label="Edges of elements (E)" pressed={edges} onClick={() => setEdges(!edges)}>
            <Icon name="edges" />
          </IconButton>
          <IconButton label="See through (X)" pressed={xray} onClick={() => setXray(!xray)}>
            <Icon name="xray" />
          </IconButton>
          <IconButton
            label="Cut (C)"
            pressed={cut !== null}
            onClick={() => setCut(cut ? null : { axis: 0, offset: 0.5, flipped: false })}
          >
            <Icon name="cut" />
          </IconButton>
          <select
            className={styles.select}
            aria-label="Colour by"
            value={coloring.by === "measure" ? `measure:${coloring.name}` : coloring.by}
            onChange={(e) => {
              const [by, name] = e.target.value.split(":");
              setColoring(by === "measure" ? { by, name } : { by: by as "plain" | "face" | "cad" });
            }}
          >
            <option value="plain">Plain</option>
            <option value="face">Faces</option>
            <option value="cad">CAD colours</option>
            {measures.map((m) => (
              <option key={m.name} value={`measure:${m.name}`}>
                {m.name}
              </option>
            ))}
          </select>
          <IconButton label="Save a picture" onClick={() => viewer && void save(viewer)}>
            <Icon name="camera" />
          </IconButton>
        </div>
        {cut && (
          <div className={styles.cut}>
            <select
              className={styles.select}
              aria-label="Axis of the cut"
              value={cut.axis}
              onChange={(e) => setCut({ ...cut, axis: Number(e.target.value) as Cut["axis"] })}
            >
              <option value={0}>x</option>
              <option value={1}>y</option>
              <option value={2}>z</option>
            </select>
            <input
              type="range"
              min={0}
              max={1}
              step={0.002}
              value={cut.offset}
              aria-label="Place of the cut"
              onChange={(e) => setCut({ ...cut, offset: Number(e.target.value) })}
            />
            <label className={styles.flip}>
              <input type="checkbox" checked={cut.flipped} onChange={(e) => setCut({ ...cut, flipped: e.target.checked })} />{" "}
              other side
            </label>
          </div>
        )}
      </div>
      {shown && (
        <figure className={styles.legend}>
          <figcaption>{shown.name}</figcaption>
          <div className={styles.scale} style={{ background: scaleGradient() }} />
          <div className={styles.ends}>
            <span>{number(shown.low)}</span>
            <span>{number(shown.high)}</span>
          </div>
        </figure>
      )}
      {pick && (
        <output className={styles.pick}>
          <strong>{pick.name ?? `Face ${pick.tag}`}</strong>
          {pick.element !== undefined && <span>element {pick.element}</span>}
          {pick.values.map((v) => (
            <span key={v.name}>
              {v.name} {number(v.value)}
            </span>
          ))}
          <span>
            {pick.point.map((x) => number(x)).join(", ")} {units}
          </span>
        </output>
      )}
    </section>
  );
}

async function save(viewer: MeshViewer): Promise<void> {
  const url = URL.createObjectURL(await viewer.screenshot());
  const a = document.createElement("a");
  a.href = url;
  a.download = "meshgen.png";
  a.click();
  URL.revokeObjectURL(url);
}
