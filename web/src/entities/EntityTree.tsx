/** What the part is made of: a tree that is searched, picked from, and hidden by. The scene and the tree show each other's pointer. */
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Geometry } from "../api/client";
import { count, measure } from "../format";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import type { MeshViewer } from "../viewer/MeshViewer";
import { Palette } from "../viewer/palette";
import type { Entities } from "../viewer/structure";
import type { ColorBy } from "../viewer/types";
import styles from "./EntityTree.module.css";
import { branches, type Group, type Row, rowsOf } from "./rows";
import type { Visibility } from "./useVisibility";

const HEIGHT = 30; // of a row, in pixels
const BEYOND = 6; // rows that are there though they are not seen
const FEW = 8; // faces of a single solid that are listed at once

interface Props {
  geometry: Geometry;
  groups: readonly Group[];
  viewer: MeshViewer | null;
  coloring: ColorBy;
  visibility: Visibility;
  picked: readonly number[];
  onPicked: (change: (before: readonly number[]) => readonly number[]) => void;
  onClose: () => void;
}

export function EntityTree({ geometry, groups, viewer, coloring, visibility, picked, onPicked, onClose }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [filter, setFilter] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(() => firstOpen(geometry));
  const [active, setActive] = useState("");
  const [under, setUnder] = useState(""); // key of the row of what is under the pointer in the scene
  const [window, setWindow] = useState({ top: 0, height: 400 });

  const tree = useMemo(() => branches(geometry, groups), [geometry, groups]);
  const rows = useMemo(() => rowsOf(tree, open, filter), [tree, open, filter]);
  const { structure, seen, toggle, hide, isolate, showAll, any } = visibility;
  const chosen = useMemo(() => new Set(picked), [picked]);
  const palette = useMemo(() => new Palette(structure, groups), [structure, groups]);
  /** swatch is the colour of a row: in the picture, where things are told apart there by theirs, or else in the file. */
  const swatch = (r: Row) => {
    if (coloring.by !== "solid" && coloring.by !== "group") return r.color;
    if (r.kind !== coloring.by) return undefined;
    const rgb = r.kind === "solid" ? palette.solid(r.tag) : palette.groupAt(groups.findIndex((g) => g.name === r.name));
    return `rgb(${rgb.join(" ")})`;
  };
  const facesOf = ({ solids, faces }: Entities) => [...new Set([...solids.flatMap((s) => structure.facesOf(s)), ...faces])];
  const isChosen = (r: Row) => {
    if (chosen.size === 0 || r.kind === "section") return false;
    const faces = facesOf(r.entities);
    return faces.length > 0 && faces.every((f) => chosen.has(f));
  };

  useEffect(() => {
    const host = list.current as HTMLDivElement;
    const observer = new ResizeObserver(() => setWindow((w) => ({ ...w, height: host.clientHeight })));
    observer.observe(host);
    return () => observer.disconnect();
  }, []);

  // What the pointer is on in the scene is told by its face where that is listed, or else by its solid.
  useEffect(
    () =>
      viewer?.on("hover", (pick) => {
        const keys = pick ? [`face-${pick.face < 0 ? "" : pick.tag}`, `solid-${pick.solid ?? ""}`] : [];
        setUnder(keys.map((k) => rows.find((r) => r.key.endsWith(`/${k}`))?.key).find((k) => k) ?? "");
      }),
    [viewer, rows],
  );

  const at = Math.max(
    0,
    rows.findIndex((r) => r.key === active),
  );
  const row = rows[at] as Row | undefined;
  /** point has what a row stands for stand out in the scene: of a face that two solids share, the one that is named. */
  const point = (r: Row) => viewer?.highlight(r.kind === "section" ? [] : facesOf(r.entities), r.solid);
  const go = (to: number) => {
    const next = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (!next) return;
    setActive(next.key);
    const host = list.current as HTMLDivElement;
    const y = rows.indexOf(next) * HEIGHT;
    if (y < host.scrollTop) host.scrollTop = y;
    else if (y + HEIGHT > host.scrollTop + host.clientHeight) host.scrollTop = y + HEIGHT - host.clientHeight;
    point(next);
  };
  const turn = (r: Row) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(r.key)) after.add(r.key);
      return after;
    });
  const pick = (r: Row, add: boolean) => {
    setActive(r.key);
    if (r.kind === "section") {
      turn(r);
      return;
    }
    const own = facesOf(r.entities);
    onPicked((before) => {
      if (!add) return own;
      const kept = before.filter((f) => !own.includes(f));
      return own.every((f) => before.includes(f)) ? kept : [...kept, ...own];
    });
  };

  const pressed = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !row) return;
    const page = Math.max(1, Math.floor(window.height / HEIGHT) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      PageDown: () => go(at + page),
      PageUp: () => go(at - page),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row.open === false ? turn(row) : row.open && go(at + 1)),
      ArrowLeft: () => (row.open ? turn(row) : row.parent && go(rows.findIndex((r) => r.key === row.parent))),
      Enter: () => pick(row, e.shiftKey),
      " ": () => pick(row, e.shiftKey),
      h: () => toggle(row.entities),
      i: () => isolate(row.entities),
    };
    const move = moves[e.shiftKey && e.key.length === 1 ? "" : e.key];
    if (!move) return;
    e.preventDefault();
    e.stopPropagation();
    move();
  };

  const first = Math.max(0, Math.floor(window.top / HEIGHT) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((window.top + window.height) / HEIGHT) + BEYOND);
  // The row that the keys are at is there wherever one has scrolled to.
  const drawn = rows.map((r, i) => ({ r, i })).filter(({ i }) => (i >= first && i < last) || i === at);

  return (
    <section className={styles.panel} aria-label="Entities">
      <header className={styles.head}>
        <input
          type="search"
          className={styles.filter}
          placeholder={`Find in ${count(geometry.solids.length + geometry.faces.length)}`}
          aria-label="Find an entity by name or number"
          value={filter}
          onChange={(e) => setFilter(e.target.value)}
        />
        <IconButton kind="quiet" label="Show all (⇧H)" busy={!any} onClick={showAll}>
          <Icon name="eye" size={16} />
        </IconButton>
        <IconButton kind="quiet" label="Close (T)" onClick={onClose}>
          <Icon name="close" size={16} />
        </IconButton>
      </header>
      <div
        ref={list}
        className={styles.list}
        role="tree"
        aria-label="Entities"
        aria-multiselectable="true"
        tabIndex={0}
        aria-activedescendant={row && `${id}-${row.key}`}
        onKeyDown={pressed}
        onScroll={(e) => {
          const top = e.currentTarget.scrollTop;
          setWindow((w) => ({ ...w, top }));
        }}
        onPointerLeave={() => viewer?.highlight([])}
        onBlur={() => viewer?.highlight([])}
      >
        <div role="none" style={{ height: rows.length * HEIGHT }}>
          {drawn.map(({ r, i }) => (
            <Line
              key={r.key}
              id={`${id}-${r.key}`}
              row={r}
              color={swatch(r)}
              top={i * HEIGHT}
              units={geometry.units}
              active={r === row}
              under={r.key === under}
              chosen={isChosen(r)}
              seen={seen(r.entities)}
              onTurn={() => turn(r)}
              onPick={(e) => pick(r, e.shiftKey || e.ctrlKey || e.metaKey)}
              onPoint={() => point(r)}
              onHide={() => toggle(r.entities)}
              onIsolate={() => isolate(r.entities)}
            />
          ))}
        </div>
        {rows.length === 0 && <p className={styles.none}>{filter ? "Nothing is called that" : "Nothing has been read yet"}</p>}
      </div>
      <footer className={styles.foot}>
        <button type="button" disabled={picked.length === 0} onClick={() => hide({ solids: [], faces: [...picked] })}>
          Hide picked
        </button>
        <button type="button" disabled={picked.length === 0} onClick={() => isolate({ solids: [], faces: [...picked] })}>
          Isolate
        </button>
        <button type="button" disabled={!any} onClick={showAll}>
          Show all
        </button>
      </footer>
    </section>
  );
}

/** firstOpen opens what there is little of. */
function firstOpen(geometry: Geometry): Set<string> {
  const open = new Set(["solids", "groups"]);
  const [only] = geometry.solids;
  if (geometry.solids.length === 1 || geometry.faces.length <= FEW) open.add(`solids/solid-${only?.tag}`);
  if (geometry.solids.length === 0) open.add("faces");
  return open;
}

interface LineProps {
  row: Row;
  color?: string;
  id: string;
  top: number;
  units?: string;
  active: boolean;
  under: boolean;
  chosen: boolean;
  seen: "all" | "some" | "none";
  onTurn: () => void;
  onPick: (e: MouseEvent) => void;
  onPoint: () => void;
  onHide: () => void;
  onIsolate: () => void;
}

function Line({
  row: r,
  color,
  id,
  top,
  units,
  active,
  under,
  chosen,
  seen,
  onTurn,
  onPick,
  onPoint,
  onHide,
  onIsolate,
}: LineProps) {
  const away = seen === "none";
  const figure =
    r.kind === "face" || r.kind === "solid"
      ? r.measure
        ? measure(r.measure, units, r.kind === "face" ? 2 : 3)
        : ""
      : String(r.count ?? "");
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={r.level}
      aria-setsize={r.place[1]}
      aria-posinset={r.place[0]}
      aria-expanded={r.open}
      aria-selected={chosen}
      aria-description={away ? "hidden" : undefined}
      className={styles.row}
      data-kind={r.kind}
      data-active={active || undefined}
      data-under={under || undefined}
      data-hidden={away || undefined}
      style={{ top, height: HEIGHT, paddingLeft: 4 + 16 * (r.level - 1) }}
      onClick={onPick}
      onPointerEnter={onPoint}
    >
      {/* Without a mouse the arrow keys do this. */}
      <span
        className={styles.turn}
        data-open={r.open || undefined}
        onClick={(e) => {
          e.stopPropagation();
          onTurn();
        }}
      >
        {r.open !== undefined && <Icon name="chevron" size={14} />}
      </span>
      {color && <i className={styles.swatch} style={{ background: color }} />}
      <span className={styles.name} title={r.tag === undefined ? r.name : `${r.name} (number ${r.tag})`}>
        {r.name}
      </span>
      <span className={styles.figure}>{figure}</span>
      {/* The keys H and I of the tree do the same. */}
      <span className={styles.tools} aria-hidden="true">
        <Tool label={`Show ${r.name} alone (I)`} icon="only" onPress={onIsolate} />
        <Tool
          label={away ? `Show ${r.name} (H)` : `Hide ${r.name} (H)`}
          icon={away ? "eyeOff" : "eye"}
          dim={seen === "some"}
          onPress={onHide}
        />
      </span>
    </div>
  );
}

interface ToolProps {
  label: string;
  icon: "only" | "eye" | "eyeOff";
  dim?: boolean;
  onPress: () => void;
}

/** Tool is a button of a row. The keys of the tree do the same, so that it is no stop of its own. */
function Tool({ label, icon, dim, onPress }: ToolProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={label}
      title={label}
      data-dim={dim || undefined}
      onClick={(e) => {
        e.stopPropagation();
        onPress();
      }}
    >
      <Icon name={icon} size={15} />
    </button>
  );
}
