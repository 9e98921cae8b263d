/** The sheet of keys: everything that can be done without a mouse. */
import { useState } from "react";
import { Dialog } from "../ui/Confirm";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useKeys } from "../ui/useKeys";
import styles from "./Keys.module.css";

type Key = readonly [keys: readonly string[], does: string];

const SHEET: readonly (readonly [about: string, keys: readonly Key[]])[] = [
  [
    "Look",
    [
      [["drag"], "turn"],
      [["right drag", "⇧ drag"], "move"],
      [["wheel"], "zoom to the pointer"],
      [["J", "L", "U", "K"], "on the part: turn it left, right, up, down (with ⇧ move it)"],
      [["Ctrl arrows"], "the same, where the system leaves them to the page"],
      [["+", "−"], "on the part: zoom"],
      [["F"], "fit the part into view"],
      [["0"], "oblique view"],
      [["1", "2"], "front, back"],
      [["3", "4"], "left, right"],
      [["5", "6"], "top, bottom"],
      [["P"], "perspective or parallel"],
    ],
  ],
  [
    "Everywhere",
    [
      [["Tab", "⇧ Tab"], "next control, the one before"],
      [["Enter", "Space"], "press, open, choose"],
      [["↑", "↓"], "in a number: a tenth more, less"],
      [["?"], "this sheet"],
    ],
  ],
  [
    "Show",
    [
      [["E"], "edges of the elements"],
      [["X"], "see through"],
      [["C"], "cut"],
      [["S"], "where two meshes are compared: swap them"],
      [["D"], "draw solids apart"],
      [["T"], "the tree of solids, faces and groups"],
      [["←", "→"], "on a handle of the histogram: more or fewer elements stand out"],
    ],
  ],
  [
    "Pick",
    [
      [["click"], "pick a face"],
      [["⇧ click"], "one more, or one less"],
      [["M"], "measure: click two places, Esc ends"],
      [["arrows", "Enter"], "on the part: move a pointer (with ⇧ by one pixel), click"],
      [["Esc"], "pick nothing; show all elements of the histogram again"],
      [["H"], "hide what is picked, or the row of the tree"],
      [["I"], "show that alone"],
      [["⇧H"], "show all again"],
      [["←", "→"], "in the tree: close, open"],
    ],
  ],
];

export function Keys() {
  const [open, setOpen] = useState(false);
  useKeys({ "?": () => setOpen(true) });
  return (
    <>
      <IconButton kind="quiet" label="Keys (?)" onClick={() => setOpen(true)}>
        <Icon name="help" />
      </IconButton>
      {open && (
        <Dialog title="Keys" wide onClose={() => setOpen(false)}>
          <div className={styles.sheet}>
            {SHEET.map(([about, keys]) => (
              <section key={about} aria-label={about}>
                <h3>{about}</h3>
                <dl>
                  {keys.map(([names, does]) => (
                    <div key={does}>
                      <dt>
                        {names.map((name) => (
                          <kbd key={name}>{name}</kbd>
                        ))}
                      </dt>
                      <dd>{does}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <IconButton kind="quiet" label="Close" className={styles.close} onClick={() => setOpen(false)}>
            <Icon name="close" />
          </IconButton>
        </Dialog>
      )}
    </>
  );
}
