/** Buttons that put a text into the clipboard and say so. */
import { type ReactNode, useEffect, useState } from "react";
import { Button, IconButton } from "./controls";
import { Icon, type IconName } from "./icons";

const SHOWN = 1600; // ms that "Copied" stands

interface Props {
  text: () => string;
  children: ReactNode;
}

export function Copy({ text, children }: Props) {
  const { copied, press, said } = useCopy(text);
  return (
    <Button onClick={press}>
      <Icon name={copied ? "check" : "copy"} size={16} />
      {children}
      {said}
    </Button>
  );
}

/** CopyButton is the same as a picture alone. */
export function CopyButton({ text, label, icon }: { text: () => string; label: string; icon: IconName }) {
  const { copied, press, said } = useCopy(text);
  return (
    <>
      <IconButton label={label} onClick={press}>
        <Icon name={copied ? "check" : icon} />
      </IconButton>
      {said}
    </>
  );
}

function useCopy(text: () => string) {
  const [said, setSaid] = useState<"" | "copied" | "failed">("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SHOWN);
    return () => clearTimeout(timer);
  }, [said]);
  return {
    copied: said === "copied",
    press: () =>
      void copy(text()).then(
        () => setSaid("copied"),
        () => setSaid("failed"),
      ),
    said: (
      <span className="visually-hidden" aria-live="polite">
        {said === "copied" ? "Copied" : said === "failed" ? "The browser did not allow it" : ""}
      </span>
    ),
  };
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
