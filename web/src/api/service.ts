/**
 * Whether the service can be reached. Every answer tells; while none comes, it is asked again, less and less often, and whoever
 * waits is told when it is back.
 */
const PATIENCE = [1, 2, 4, 8, 15]; // seconds to the next try; the last for all that follow
const PROBE = "/healthz";

export interface ServiceState {
  reachable: boolean;
  /** When it is asked again, as of Date.now(); 0 while it is being asked. */
  next: number;
}

export class Service {
  private state: ServiceState = { reachable: true, next: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<() => void>();
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly probe: () => Promise<boolean>) {}

  readonly get = (): ServiceState => this.state;

  readonly subscribe = (f: () => void): (() => void) => {
    this.listeners.add(f);
    return () => this.listeners.delete(f);
  };

  /** onReturn calls f each time that the service is there again; the returned function ends that. */
  onReturn(f: () => void): () => void {
    this.waiting.add(f);
    return () => this.waiting.delete(f);
  }

  /** returned settles when the service is there. */
  returned(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state.reachable) {
        resolve();
        return;
      }
      const leave = this.onReturn(() => {
        leave();
        resolve();
      });
      signal?.addEventListener("abort", () => {
        leave();
        reject(signal.reason);
      });
    });
  }

  /** away is told that no answer came, or one of somebody before the service. */
  away(): void {
    if (!this.state.reachable) return;
    this.tries = 0;
    this.later();
  }

  /** doubt has it asked, and nothing said while it answers. */
  doubt(): void {
    if (this.state.reachable) void this.probe().then((up) => up || this.away());
  }

  /** here is told that the service answered. */
  here(): void {
    if (this.state.reachable) return;
    clearTimeout(this.timer);
    this.set({ reachable: true, next: 0 });
    for (const f of [...this.waiting]) f();
  }

  /** ask asks at once. */
  async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.set({ reachable: false, next: 0 });
    if (await this.probe()) this.here();
    else this.later();
  }

  private later(): void {
    const seconds = PATIENCE[Math.min(this.tries++, PATIENCE.length - 1)];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), 1000 * seconds);
    this.set({ reachable: false, next: Date.now() + 1000 * seconds });
  }

  private set(state: ServiceState): void {
    this.state = state;
    for (const f of this.listeners) f();
  }
}

export const service = new Service(() =>
  fetch(PROBE, { cache: "no-store" })
    .then((r) => r.ok)
    .catch(() => false),
);

if (typeof window !== "undefined") {
  window.addEventListener("online", () => {
    if (!service.get().reachable) void service.ask();
  });
  window.addEventListener("offline", () => service.away());
}

/** gateway tells whether an answer came from somebody before the service, because that could not be reached. */
export function gateway(status: number, type: string | null): boolean {
  return [502, 503, 504].includes(status) && !type?.includes("json"); // the service says what is wrong as JSON
}
