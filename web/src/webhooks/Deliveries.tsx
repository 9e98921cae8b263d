/** What was told, what was answered, and when it is tried again. */
import { useState } from "react";
import { Link } from "wouter";
import { ago } from "../format";
import { Awaiting } from "../ui/Awaiting";
import { Button } from "../ui/controls";
import controls from "../ui/controls.module.css";
import lists from "../ui/lists.module.css";
import { waits } from "./newest";
import { type Delivery, type DeliveryStatus, listOf, useDeliveries, useRedeliver } from "./queries";
import styles from "./WebhooksPage.module.css";
import { course, newsOf, STATUS } from "./words";

/** Deliveries lists them; paused are the endpoints that are told nothing for now. */
export function Deliveries({ paused }: { paused: ReadonlySet<string> }) {
  const [status, setStatus] = useState<DeliveryStatus | "">("");
  const deliveries = useDeliveries(status || undefined, paused);
  const items = deliveries.data?.pages.flatMap((page) => page.items);
  return (
    <section aria-labelledby="deliveries-title">
      <div className={styles.head}>
        <h2 id="deliveries-title" className={lists.title}>
          Deliveries
        </h2>
        <select
          aria-label="Deliveries that are shown"
          className={`${controls.input} ${styles.filter}`}
          value={status}
          onChange={(e) => setStatus(e.target.value as DeliveryStatus | "")}
        >
          <option value="">all</option>
          {Object.entries(STATUS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <Awaiting query={deliveries} queryKey={listOf(status || undefined)} label="Loading the deliveries" />
      {items?.length === 0 && (
        <p className={lists.quiet}>
          {status
            ? `Nothing is ${STATUS[status]}.`
            : "Nothing was told yet. What was is kept for a week, what was given up for a month."}
        </p>
      )}
      <ul className={lists.list}>
        {items?.map((d) => (
          <Row key={d.id} delivery={d} paused={paused} />
        ))}
      </ul>
      {deliveries.hasNextPage && (
        <Button className={styles.older} busy={deliveries.isFetchingNextPage} onClick={() => deliveries.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </section>
  );
}

function Row({ delivery: d, paused }: { delivery: Delivery; paused: ReadonlySet<string> }) {
  const again = useRedeliver();
  const { what, href } = newsOf(d);
  const waiting = waits(d, paused);
  const held = waiting || (d.endpoint_id !== undefined && paused.has(d.endpoint_id));
  const send = d.status === "pending" ? "Send now" : "Send again";
  return (
    <li className={`${lists.row} ${styles.row}`} data-status={d.status}>
      <div className={lists.what}>
        <span className={lists.name}>
          {href ? <Link href={href}>{what}</Link> : what} <span className={lists.quiet}>{ago(d.created_at)}</span>
        </span>
        <span className={styles.url}>{d.url}</span>
        <span className={lists.quiet}>{course(d, waiting)}</span>
      </div>
      <span className={`${lists.word} ${styles.word}`}>{waiting ? "waits" : STATUS[d.status]}</span>
      {!held && (
        <Button aria-label={`${send}: ${what}, to ${d.url}`} busy={again.isPending} onClick={() => again.mutate(d.id)}>
          {send}
        </Button>
      )}
      {again.isError && (
        <p className={lists.wrong} role="alert">
          {again.error.message}
        </p>
      )}
    </li>
  );
}
