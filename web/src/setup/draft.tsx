/** What the fields of the panel share: the spec as it is being made, and what the service says of it. */
import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Geometry, Problem, Spec } from "../api/client";
import { get, put, within } from "./path";
import { clean } from "./spec";

export interface Draft {
  geometry: Geometry;
  spec: Spec;
  /** The unit of lengths in the spec; empty where nobody knows it. */
  unit: string;
  value: (path: string) => unknown;
  /** Puts something at a path; undefined takes the default. */
  set: (path: string, to: unknown) => void;
  change: (spec: Spec) => void;
  /** What is wrong at a path itself, or with deep anywhere below it. */
  error: (path: string, deep?: boolean) => string | undefined;
  errors: { path: string; message: string }[];
  /** Faces picked in the scene, by their tags. */
  picked: readonly number[];
  onPicked: (faces: number[]) => void;
}

const Context = createContext<Draft | null>(null);

export function useDraft(): Draft {
  const draft = useContext(Context);
  if (!draft) throw new Error("useDraft needs a DraftProvider around it");
  return draft;
}

interface Props {
  geometry: Geometry;
  spec: Spec;
  problem?: Problem;
  onSpec: (spec: Spec) => void;
  picked: readonly number[];
  onPicked: (faces: number[]) => void;
  children: ReactNode;
}

export function DraftProvider({ geometry, spec, problem, onSpec, picked, onPicked, children }: Props) {
  const draft = useMemo<Draft>(() => {
    const errors = specErrors(problem);
    const change = (to: Spec) => onSpec(clean(to));
    return {
      geometry,
      spec,
      unit: spec.units ?? geometry.units ?? "",
      value: (path) => get(spec, path),
      set: (path, to) => change(put(spec, path, to)),
      change,
      error: (path, deep) => errors.find((e) => (deep ? within(e.path, path) : e.path === path))?.message,
      errors,
      picked,
      onPicked,
    };
  }, [geometry, spec, problem, onSpec, picked, onPicked]);
  return <Context.Provider value={draft}>{children}</Context.Provider>;
}

const PREFIX = "body.spec.";

/** specErrors returns what is wrong with the spec, by its own paths. */
export function specErrors(problem: Problem | undefined): { path: string; message: string }[] {
  return (problem?.errors ?? [])
    .filter((e) => e.location.startsWith(PREFIX) || e.location === "body.spec")
    .map((e) => ({ path: e.location.slice(PREFIX.length), message: inWords(e.message) }));
}

/** inWords puts what the schema says of lists as a person would. */
function inWords(message: string): string {
  return message.replace(/^expected array length >= 1$/, "must name at least one");
}

/** fieldId names the control of a path in the page. */
export const fieldId = (path: string): string => `spec-${path.replaceAll(/[^\w]+/g, "-").replace(/-$/, "")}`;

/** show opens what hides the control of a path, or of what holds it, and goes there. */
export function show(path: string): void {
  for (let at = path; at; at = at.replace(/(\.[^.[\]]+|\[\d+\]|^[^.[\]]+)$/, "")) {
    const control = document.getElementById(fieldId(at));
    if (!control) continue;
    for (let e: Element | null = control; e; e = e.parentElement) if (e instanceof HTMLDetailsElement) e.open = true;
    control.scrollIntoView({ block: "nearest" });
    control.focus();
    return;
  }
}
