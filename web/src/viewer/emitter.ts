/** Calls whoever listens to an event. */
export class Emitter<E extends { [K in keyof E]: (...args: never[]) => void }> {
  private readonly listeners: { [K in keyof E]?: Set<E[K]> } = {};

  /** on calls f whenever something happens; the returned function ends that. */
  on<K extends keyof E>(event: K, f: E[K]): () => void {
    const all = this.listeners[event] ?? new Set();
    this.listeners[event] = all;
    all.add(f);
    return () => all.delete(f);
  }

  emit<K extends keyof E>(event: K, ...args: Parameters<E[K]>): void {
    for (const f of this.listeners[event] ?? []) f(...args);
  }

  /** clear forgets who listens: what they hold may be large, and whoever holds the viewer would hold it, too. */
  clear(): void {
    for (const event of Object.keys(this.listeners) as (keyof E)[]) delete this.listeners[event];
  }
}
