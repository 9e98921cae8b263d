/**
 * Who the page works for. Where the service wants to know, and does not (any more), the page is locked until a key is given: nothing
 * of it is lost meanwhile.
 */
import type { components } from "./schema";

export type Session = components["schemas"]["Session"];

export class Lock {
  private locked = false;
  private opens = 0;
  private tenant: string | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<() => void>();

  readonly get = (): boolean => this.locked;

  readonly subscribe = (f: () => void): (() => void) => {
    this.listeners.add(f);
    return () => this.listeners.delete(f);
  };

  /** How often it was opened. Whoever asks the service keeps it, and says with the answer what it was. */
  get turn(): number {
    return this.opens;
  }

  /** shut is told that the service did not know who asked. Of a question from before the page was opened last that says nothing. */
  shut(turn = this.opens): void {
    if (!this.locked && turn === this.opens) this.set(true);
  }

  /** opened is told who asks. It returns whether that is another tenant than before, whose things are still shown. */
  opened(by: Session): boolean {
    const another = this.tenant !== undefined && this.tenant !== by.tenant;
    this.tenant = by.tenant;
    if (this.locked && !another) {
      this.opens++;
      this.set(false);
      for (const f of [...this.waiting]) f();
    }
    return another;
  }

  /** onOpen calls f each time that the page is unlocked; the returned function ends that. */
  onOpen(f: () => void): () => void {
    this.waiting.add(f);
    return () => this.waiting.delete(f);
  }

  /** open settles when the page is not locked. */
  open(signal?: AbortSignal): Promise<void> {
    if (!this.locked) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = this.onOpen(() => {
        leave();
        resolve();
      });
      signal?.addEventListener("abort", () => {
        leave();
        reject(signal.reason);
      });
    });
  }

  private set(locked: boolean): void {
    this.locked = locked;
    for (const f of this.listeners) f();
  }
}

export const lock = new Lock();

/** forgetPerson removes what the browser keeps of a person's work, so that the next one does not find it. */
export function forgetPerson(): void {
  sessionStorage.clear();
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("meshgen.") && key !== "meshgen.theme") localStorage.removeItem(key);
  }
}
