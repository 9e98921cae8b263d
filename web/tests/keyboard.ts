/** A person without a mouse: goes by Tab, sees where that leads, and presses. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

const MOST = 200; // stops from anywhere to anywhere

/** What is wrong with what has the focus; "" where nothing is. */
function wrong(): string {
  const at = document.activeElement;
  if (!at || at === document.body) return ""; // the browser's own controls come between the last and the first
  const outlined = (e: Element | null | undefined) => {
    if (!e) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(e);
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0;
  };
  const name = () => at.outerHTML.slice(0, 160);
  // A control that is not seen itself lies in a label that is; a field may stand in a frame with its unit.
  if (![at, at.parentElement, at.closest("label"), at.querySelector("[data-active]")].some(outlined))
    return `the focus is not seen: ${name()}`;
  const seen = at.matches(".visually-hidden") ? (at.closest("label") ?? at) : at;
  const { left, right, top, bottom } = seen.getBoundingClientRect();
  const [x, y] = [Math.max(left, 0) + Math.min(right, innerWidth), Math.max(top, 0) + Math.min(bottom, innerHeight)];
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return `the focus is out of view: ${name()}`;
  const over = document.elementFromPoint(x / 2, y / 2);
  if (!over || !(seen.contains(over) || over.contains(seen) || (at as HTMLInputElement).labels?.[0]?.contains(over)))
    return `something lies over what has the focus: ${name()}, ${over?.outerHTML.slice(0, 100)}`;
  return "";
}

// Smooth scrolling and what follows the focus take a frame.
const wrongAfterAFrame = `new Promise((done) => requestAnimationFrame(done)).then(${wrong})`;

export class Keyboard {
  constructor(private readonly page: Page) {}

  /** reach goes from control to control until it is at one. Each on the way is seen to have the focus. */
  async reach(wanted: Locator): Promise<void> {
    for (let i = 0; i < MOST; i++) {
      if (await wanted.evaluate((e) => e === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
      // What comes by itself meanwhile may move it for another frame.
      if (await this.page.evaluate<string>(wrongAfterAFrame)) await expect.poll(() => this.page.evaluate(wrong)).toBe("");
    }
    throw new Error(`Tab does not lead to ${wanted}`);
  }

  /** press goes to a control and presses a key there. */
  async press(wanted: Locator, ...keys: string[]): Promise<void> {
    await this.reach(wanted);
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** type goes to a field and writes into it. */
  async type(wanted: Locator, text: string): Promise<void> {
    await this.press(wanted, "ControlOrMeta+a");
    await this.page.keyboard.type(text);
  }
}
