/** A button that puts a text into the clipboard and says so. */
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "./controls";
import { Icon } from "./icons";

const SHOWN = 1600; // ms that "Copied" stands

export function Copy({ text, children }: { text: () => string; children: ReactNode }) {
  const [said, setSaid] = useState<"" | "copied" | "failed">("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SHOWN);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Button
      onClick={() =>
        copy(text()).then(
          () => setSaid("copied"),
          () => setSaid("failed"),
        )
      }
    >
      <Icon name={said === "copied" ? "check" : "copy"} size={16} />
      {children}
      <span className="visually-hidden" aria-live="polite">
        {said === "copied" ? "Copied" : said === "failed" ? "The browser did not allow it" : ""}
      </span>
    </Button>
  );
}

/** copy puts a text into the clipboard. Pages that are not served securely have to do it the old way. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copying was refused");
}
