/** Files may be dropped anywhere: the page says so while one is held over it. */
import { useEffect, useState } from "react";
import styles from "./Dropping.module.css";
import { useUploads } from "./uploads";

export function Dropping() {
  const { send } = useUploads();
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0; // enter and leave come for every element passed
    const files = (e: DragEvent) => e.dataTransfer?.types.includes("Files") ?? false;
    const enter = (e: DragEvent) => {
      if (!files(e)) return;
      e.preventDefault();
      depth++;
      setOver(true);
    };
    const leave = (e: DragEvent) => {
      if (!files(e)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const move = (e: DragEvent) => {
      if (files(e)) e.preventDefault();
    };
    const drop = (e: DragEvent) => {
      if (!files(e)) return;
      e.preventDefault();
      depth = 0;
      setOver(false);
      send([...(e.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", move);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", move);
      window.removeEventListener("drop", drop);
    };
  }, [send]);
  if (!over) return null;
  return (
    <div className={styles.cover}>
      <p>Drop to upload</p>
    </div>
  );
}
