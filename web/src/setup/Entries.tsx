/** What a spec says of parts of the model: named groups, finer places, layers on walls. */
import { swatchOf } from "../entities/rows";
import { measure, plural } from "../format";
import { Button } from "../ui/controls";
import { Icon } from "../ui/icons";
import { fieldId, useDraft } from "./draft";
import { Entry } from "./Entry";
import { FromScene } from "./FromScene";
import { described, NumberField, Row, Section, sentence, TagsField, TextField } from "./fields";
import fields from "./fields.module.css";
import { Place } from "./Place";
import { proposals } from "./proposals";
import styles from "./Setup.module.css";
import { DEFAULTS, KINDS, type Layer } from "./spec";

export function Entries() {
  return (
    <>
      <Groups />
      <Refinements />
      <Layers />
    </>
  );
}

function Groups() {
  const { spec, set, change, geometry, picked, onPicked } = useDraft();
  const propose = proposals(geometry, spec, change);
  const groups = spec.groups ?? [];
  const named = geometry.groups.filter((g) => g.dim === 2);
  return (
    <Section name="Groups" paths={["groups"]} changed={groups.map((g) => g.name).join(", ")}>
      <p className={styles.quiet}>Names that a solver, a refinement or a layer can refer to.</p>
      {named.length > 0 && (
        <ul className={styles.chips} aria-label="Groups of the file">
          {named.map((g) => (
            <li key={g.name}>
              <button
                type="button"
                onClick={() => onPicked(g.entities)}
                title={`Pick the ${plural(g.entities.length, "face")} of this group`}
              >
                {swatchOf(g.name) && <i style={{ background: swatchOf(g.name) }} />}
                {g.name} <small>{g.entities.length}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
      {groups.map((g, i) => (
        <Entry key={i} path={`groups[${i}]`} name={g.name || `group ${i + 1}`}>
          <TextField path={`groups[${i}].name`} label="Name" />
          <Row path={`groups[${i}].dim`} label="Of">
            <select
              {...described(`groups[${i}].dim`, undefined)}
              className={fields.input}
              value={g.dim ?? 2}
              onChange={(e) => set(`groups[${i}].dim`, Number(e.target.value))}
            >
              {[2, 3, 1, 0].map((dim) => (
                <option key={dim} value={dim}>
                  {KINDS[dim]}s
                </option>
              ))}
            </select>
          </Row>
          <TagsField path={`groups[${i}].entities`} label="Their numbers" />
          {g.dim === 2 && <FromScene tags={g.entities} onTake={(tags) => set(`groups[${i}].entities`, tags)} />}
        </Entry>
      ))}
      <Button onClick={() => propose.group(picked)}>
        <Icon name="plus" size={16} /> {picked.length ? `Name the ${plural(picked.length, "picked face")}` : "New group"}
      </Button>
    </Section>
  );
}

function Refinements() {
  const { spec, change, geometry, picked } = useDraft();
  const propose = proposals(geometry, spec, change);
  const refine = spec.refine ?? [];
  return (
    <Section name="Finer places" paths={["refine"]} changed={refine.length ? plural(refine.length, "place") : undefined}>
      <p className={styles.quiet}>
        Around each, sizes grow until they are what they would be. Where several ask, the least holds.
      </p>
      {refine.map((_, i) => (
        <Place key={i} index={i} />
      ))}
      <Button onClick={() => propose.refinement(picked)}>
        <Icon name="plus" size={16} /> {picked.length ? `Refine on the ${plural(picked.length, "picked face")}` : "New place"}
      </Button>
    </Section>
  );
}

function Layers() {
  const { spec, change, unit, picked, geometry } = useDraft();
  const propose = proposals(geometry, spec, change);
  const layers = spec.layers ?? [];
  const walls = [
    ...(spec.groups ?? []).filter((g) => g.dim === 2).map((g) => g.name),
    ...geometry.groups.filter((g) => g.dim === 2).map((g) => g.name),
  ];
  return (
    <Section
      name="Boundary layers"
      paths={["layers"]}
      changed={layers.length ? layers.map((l) => l.groups?.join(", ")).join("; ") : undefined}
    >
      <p className={styles.quiet}>Prisms that grow from walls into the solid.</p>
      {layers.map((l, i) => (
        <Entry key={i} path={`layers[${i}]`} name={`layers on ${l.groups?.join(", ") || "no wall yet"}`}>
          <Walls index={i} layer={l} walls={walls} />
          <NumberField path={`layers[${i}].first_height`} label="First height" unit={unit} hint="Of the prisms at the wall" />
          <NumberField
            path={`layers[${i}].ratio`}
            label="Ratio"
            unit="×"
            usual={DEFAULTS.layer.ratio}
            hint="1 to 3: how much higher each further one is"
          />
          <NumberField path={`layers[${i}].count`} label="Number" usual={DEFAULTS.layer.count} whole hint="1 to 50" />
          <p className={styles.quiet}>{thickness(l) > 0 && `Together ${measure(thickness(l), unit)} thick`}</p>
        </Entry>
      ))}
      <Button onClick={() => propose.layer(picked)}>
        <Icon name="plus" size={16} /> {picked.length ? `Grow on the ${plural(picked.length, "picked face")}` : "New layers"}
      </Button>
    </Section>
  );
}

function Walls({ index, layer, walls }: { index: number; layer: Layer; walls: string[] }) {
  const { set, error } = useDraft();
  const path = `layers[${index}].groups`;
  const wrong = error(path, true);
  const chosen = layer.groups ?? [];
  const unknown = chosen.filter((g) => !walls.includes(g));
  return (
    <fieldset className={styles.formats} id={fieldId(path)} tabIndex={-1}>
      <legend>Walls</legend>
      {[...new Set([...walls, ...unknown])].map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={() => set(path, chosen.includes(name) ? chosen.filter((x) => x !== name) : [...chosen, name])}
          />
          <span>{name}</span>
        </label>
      ))}
      {walls.length === 0 && (
        <p className={styles.quiet}>There is no group of faces yet. Pick faces in the scene and grow layers on them.</p>
      )}
      {wrong && <p className={fields.wrong}>{sentence(wrong)}</p>}
    </fieldset>
  );
}

/** thickness is the height of all prisms together, as the service computes it. */
function thickness(l: Layer): number {
  const { ratio = DEFAULTS.layer.ratio, count = DEFAULTS.layer.count } = l;
  let sum = 0;
  for (let i = 0, height = l.first_height ?? 0; i < Math.min(count, 50); i++, height *= ratio) sum += height;
  return sum;
}
