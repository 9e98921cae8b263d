/** A refinement: where, and how fine. */
import { useDraft } from "./draft";
import { Entry } from "./Entry";
import { FromScene } from "./FromScene";
import { described, NumberField, PointField, Row, TagsField } from "./fields";
import fields from "./fields.module.css";
import { nice } from "./proposals";
import { KINDS, type Refinement } from "./spec";

const LISTS = { faces: "faces", solids: "solids", edges: "edges", points: "points" } as const;
type List = keyof typeof LISTS;
type Kind = "group" | List | "box" | "sphere" | "near";

const KIND_LABELS: [Kind, string][] = [
  ["faces", "On faces"],
  ["group", "On a group"],
  ["solids", "In solids"],
  ["edges", "On edges"],
  ["points", "At points"],
  ["box", "In a box"],
  ["sphere", "In a ball"],
  ["near", "Near to"],
];

/** kindOf tells which of the places an entry has. */
export function kindOf(r: Refinement): Kind {
  return KIND_LABELS.map(([kind]) => kind).find((kind) => r[kind] !== undefined) ?? "faces";
}

export function Place({ index }: { index: number }) {
  const { spec, set, unit, geometry, picked } = useDraft();
  const path = `refine[${index}]`;
  const r = (spec.refine ?? [])[index];
  const kind = kindOf(r);
  const near = r.near;
  const what = near?.group !== undefined ? "group" : ((Object.keys(LISTS) as List[]).find((k) => near?.[k]) ?? "faces");
  const choose = (to: Kind) => set(path, { size: r.size, ...begin(to, picked, geometry.bounding_box) });
  return (
    <Entry path={path} name={describe(r)}>
      <Row path={`${path}.kind`} label="Where">
        <select
          {...described(`${path}.kind`, undefined)}
          className={fields.input}
          value={kind}
          onChange={(e) => choose(e.target.value as Kind)}
        >
          {KIND_LABELS.map(([k, label]) => (
            <option key={k} value={k}>
              {label}
            </option>
          ))}
        </select>
      </Row>
      {kind === "group" && <GroupField path={`${path}.group`} />}
      {kind in LISTS && <Tags path={`${path}.${kind}`} kind={kind as List} />}
      {kind === "box" && (
        <>
          <PointField path={`${path}.box[0]`} label="One corner" />
          <PointField path={`${path}.box[1]`} label="Opposite corner" />
        </>
      )}
      {kind === "sphere" && (
        <>
          <PointField path={`${path}.sphere.center`} label="Centre" />
          <NumberField path={`${path}.sphere.radius`} label="Radius" unit={unit} />
        </>
      )}
      {kind === "near" && (
        <>
          <Row path={`${path}.near.kind`} label="To">
            <select
              {...described(`${path}.near.kind`, undefined)}
              className={fields.input}
              value={what}
              onChange={(e) => {
                const to = e.target.value as List | "group";
                set(`${path}.near`, {
                  from: near?.from,
                  to: near?.to,
                  [to]: to === "group" ? "" : to === "faces" ? [...picked] : [],
                });
              }}
            >
              {(["faces", "group", "solids", "edges", "points"] as const).map((k) => (
                <option key={k} value={k}>
                  {k === "group" ? "a group" : k}
                </option>
              ))}
            </select>
          </Row>
          {what === "group" ? <GroupField path={`${path}.near.group`} /> : <Tags path={`${path}.near.${what}`} kind={what} />}
          <NumberField path={`${path}.near.from`} label="Holds up to" unit={unit} hint="Distance" />
          <NumberField path={`${path}.near.to`} label="Has grown at" unit={unit} usual="by growth" hint="Distance" />
        </>
      )}
      <NumberField path={`${path}.size`} label="Edge length" unit={unit} />
    </Entry>
  );
}

function Tags({ path, kind }: { path: string; kind: List }) {
  const { value, set } = useDraft();
  const tags = (value(path) as number[] | undefined) ?? [];
  return (
    <>
      <TagsField path={path} label={`Numbers of ${LISTS[kind]}`} />
      {kind === "faces" && <FromScene tags={tags} onTake={(t) => set(path, t)} />}
    </>
  );
}

/** GroupField names a group of the spec or of the file. */
function GroupField({ path }: { path: string }) {
  const { spec, value, set, error, geometry } = useDraft();
  const now = (value(path) as string | undefined) ?? "";
  const names = [...new Set([...(spec.groups ?? []).map((g) => g.name), ...geometry.groups.map((g) => g.name)])];
  return (
    <Row path={path} label="Group" wrong={error(path)}>
      <select
        {...described(path, error(path))}
        className={fields.input}
        value={now}
        onChange={(e) => set(path, e.target.value)}
      >
        {!names.includes(now) && <option value={now}>{now || "none yet"}</option>}
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </Row>
  );
}

/** begin is a place of a kind to begin with. */
function begin(kind: Kind, picked: readonly number[], box?: { min: number[]; max: number[] }): Partial<Refinement> {
  const [low, high] = [box?.min ?? [0, 0, 0], box?.max ?? [1, 1, 1]];
  const at = (share: number) => low.map((x, k) => Number((x + share * (high[k] - x)).toPrecision(4)));
  const diagonal = Math.hypot(...low.map((x, k) => high[k] - x));
  switch (kind) {
    case "group":
      return { group: "" };
    case "box":
      return { box: [at(0.25), at(0.75)] };
    case "sphere":
      return { sphere: { center: at(0.5), radius: nice(diagonal / 10) } };
    case "near":
      return { near: { faces: [...picked], from: nice(diagonal / 20) } };
    case "faces":
      return { faces: [...picked] };
  }
  return { [kind]: [] };
}

/** describe says in a few words where a refinement is. */
export function describe(r: Refinement): string {
  const some = (list: number[] | undefined, one: string) =>
    list?.length ? `${list.length === 1 ? `${one} ${list[0]}` : `${list.length} ${one}s`}` : `no ${one} yet`;
  const kind = kindOf(r);
  switch (kind) {
    case "group":
      return r.group || "no group yet";
    case "box":
      return "a box";
    case "sphere":
      return "a ball";
    case "near":
      return `near ${r.near?.group ?? some(r.near?.faces, "face")}`;
  }
  return some(r[kind], KINDS[["points", "edges", "faces", "solids"].indexOf(kind)]);
}
