/** Deliveries in words. */
import { count, seconds } from "../format";
import type { Delivery, Endpoint } from "./queries";

export type Event = Endpoint["events"][number];

export const EVENTS: readonly { event: Event; label: string }[] = [
  { event: "mesh.succeeded", label: "A mesh is done" },
  { event: "mesh.failed", label: "A mesh failed" },
  { event: "mesh.canceled", label: "A mesh was canceled" },
  { event: "batch.done", label: "A batch has ended" },
];

/** told says in words what an endpoint is told of. */
export function told(events: readonly string[]): string {
  if (EVENTS.every(({ event }) => events.includes(event))) return "everything";
  return EVENTS.filter(({ event }) => events.includes(event))
    .map(({ label }) => label.charAt(0).toLowerCase() + label.slice(1))
    .join(", ");
}

interface News {
  type?: string;
  data?: { mesh_id?: string; geometry_id?: string; batch_id?: string };
}

/** newsOf says what a delivery tells, and where on the page that is. */
export function newsOf({ payload }: Delivery): { what: string; href?: string } {
  const { type, data } = payload as News;
  const what = type === "test" ? "A test" : (EVENTS.find(({ event }) => event === type)?.label ?? type ?? "News");
  if (data?.batch_id) return { what, href: `/batches/${data.batch_id}` };
  if (data?.mesh_id && data.geometry_id) return { what, href: `/parts/${data.geometry_id}/${data.mesh_id}` };
  return { what };
}

export const STATUS: Record<Delivery["status"], string> = { pending: "on its way", delivered: "delivered", dead: "given up" };

/** course says how a delivery went so far; waits that its endpoint is paused. */
export function course(d: Delivery, waits: boolean, now = Date.now()): string {
  const answer = /^\d+$/.test(d.answer ?? "") ? `answered ${d.answer}` : d.answer;
  const tries = d.attempts > 0 && (d.attempts === 1 ? "1 try" : `${count(d.attempts)} tries`);
  const next = waits
    ? "waits: the endpoint is paused"
    : d.status === "pending" && d.next_at
      ? until(Date.parse(d.next_at) - now, d.attempts)
      : "";
  return [answer, tries, next].filter(Boolean).join(", ");
}

function until(ms: number, attempts: number): string {
  const which = attempts > 0 ? "next" : "first";
  return ms <= 1000 ? `${which} now` : `${which} in ${seconds(ms / 1000)}`;
}
