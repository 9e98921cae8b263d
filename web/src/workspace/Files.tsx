/** The files of a mesh: those that there are with their sizes, and every other format, made when it is asked for. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Mesh } from "../api/client";
import { fetchFormat } from "../api/formats";
import { keys } from "../api/queries";
import { bytes } from "../format";
import { FORMATS, type Format } from "../setup/spec";
import { Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { filesOf } from "./artifacts";
import styles from "./Result.module.css";

export function Files({ mesh: m }: { mesh: Mesh }) {
  const files = filesOf(m);
  const others = (Object.keys(FORMATS) as Format[]).filter((f) => !files.some((a) => a.format === f));
  return (
    <>
      <h2 className={styles.title}>Files</h2>
      <ul className={styles.files}>
        {files.map((a) => (
          <li key={a.id}>
            <a href={`/v1/meshes/${m.id}/download?format=${a.format}`} download>
              <Icon name="download" size={16} /> {a.name}
            </a>
            <span className={styles.quiet}>{bytes(a.size)}</span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <details className={styles.others}>
          <summary>Other formats</summary>
          <ul className={styles.files}>
            {others.map((f) => (
              <li key={f}>
                <Other mesh={m} format={f} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Other is a format that is not there yet. */
function Other({ mesh: m, format }: { mesh: Mesh; format: Format }) {
  const client = useQueryClient();
  const [state, setState] = useState<"" | "busy" | { failed: string }>("");
  const { title, order } = FORMATS[format];
  if ((m.spec.order ?? 1) > order) {
    return (
      <span className={styles.quiet}>
        {format}{" "}
        <small>
          {title}: holds order {order} at most
        </small>
      </span>
    );
  }
  const busy = state === "busy"; // it keeps the focus meanwhile
  const get = async () => {
    if (busy) return;
    setState("busy");
    try {
      await fetchFormat(m.id, format);
      setState("");
      await client.invalidateQueries({ queryKey: keys.mesh(m.id) });
    } catch (e) {
      setState({ failed: e instanceof Error ? e.message : String(e) });
    }
  };
  return (
    <>
      <button type="button" className={styles.make} aria-disabled={busy || undefined} onClick={get}>
        {busy ? <Spinner label={`${format} is being written`} /> : <Icon name="download" size={16} />}
        {format} <small>{title}</small>
      </button>
      {typeof state === "object" && (
        <span className={styles.badly} role="alert">
          {state.failed}
        </span>
      )}
    </>
  );
}
