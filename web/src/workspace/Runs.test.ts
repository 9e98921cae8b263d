// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, createElement } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { MeshSummary } from "../api/client";
import { Runs } from "./Runs";

const near = vi.fn();
const mesh = (id: string) => ({ id, status: "succeeded", created_at: "2026-01-01T00:00:00Z", spec: {} }) as MeshSummary;
let root: Root;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  near.mockClear();
  const host = document.body.appendChild(document.createElement("div"));
  root = createRoot(host);
  const runs = createElement(Runs, {
    meshes: ["a", "b", "c", "chosen"].map(mesh),
    selected: "chosen",
    onSelect: () => {},
    onNear: near,
    onCompare: () => {},
  });
  await act(async () => root.render(createElement(QueryClientProvider, { client: new QueryClient() }, runs)));
});

afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const rows = () => [...document.querySelectorAll<HTMLElement>("li > button")];

/** move brings the pointer from one row to another. */
function move(from: Element, to: Element): void {
  from.dispatchEvent(new MouseEvent("pointerout", { bubbles: true, relatedTarget: to }));
  to.dispatchEvent(new MouseEvent("pointerover", { bubbles: true, relatedTarget: from }));
}

it("tells which mesh may be chosen where the pointer or the focus stays, not of all that they come past", () => {
  const [a, b, c, chosen] = rows();
  move(document.body, a);
  move(a, b);
  vi.runAllTimers();
  expect(near.mock.calls).toEqual([["b"]]);
  move(b, chosen);
  vi.runAllTimers();
  a.focus();
  c.focus();
  vi.runAllTimers();
  expect(near.mock.calls).toEqual([["b"], ["c"]]);
  c.blur();
  a.focus();
  a.click(); // it is chosen, and asked for as what is
  vi.runAllTimers();
  expect(near).toHaveBeenCalledTimes(2);
});

it("tells nothing once it has gone", async () => {
  move(document.body, rows()[0]);
  await act(async () => root.render(null));
  vi.runAllTimers();
  expect(near).not.toHaveBeenCalled();
});
