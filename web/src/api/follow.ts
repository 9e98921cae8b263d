/** Follows the events of a job until it has ended. */
import { gateway, service } from "./service";
import { lock } from "./session";

export interface JobEvents {
  status?: (e: { status: string; stage?: string; progress: number }) => void;
  stage?: (e: { stage: string; progress: number; detail?: string }) => void;
  log?: (lines: { level: string; text: string; seconds: number }[]) => void;
  artifact?: (e: { name: string; format: string; preview?: boolean }) => void;
  done?: () => void;
  /** The stream broke and is being resumed, or runs again. */
  connection?: (connected: boolean) => void;
}

/** follow listens to the events at a path and returns a function that ends it. A stream that breaks is resumed. */
export function follow(path: string, on: JobEvents): () => void {
  const stream = new Stream(path, {
    status: (d: { status: string; stage?: string; progress: number }) => on.status?.(d),
    stage: (d: { stage: string; progress: number }) => on.stage?.(d),
    progress: (d: { stage: string; progress: number }) => on.stage?.(d),
    log: (d: { lines: { level: string; text: string; seconds: number }[] }) => on.log?.(d.lines),
    artifact: (d: { name: string; format: string; preview?: boolean }) => on.artifact?.(d),
    done: () => {
      stream.close();
      on.done?.();
    },
  });
  stream.onConnection = (connected) => on.connection?.(connected);
  return () => stream.close();
}

export interface WorkEvents {
  /** Of a geometry or a mesh: where it stands. */
  status: (e: { subject: string; status: string; progress: number }) => void;
  progress?: (e: { subject: string; stage: string; progress: number }) => void;
  /** The stream runs after it broke or nobody saw the page: something may have been missed. */
  resumed: () => void;
}

/** followAll listens to all work of the person and returns a function that ends it. */
export function followAll(on: WorkEvents): () => void {
  let stream: Stream | null = null;
  let broke = false;
  const open = () => {
    stream = new Stream("/v1/events", {
      status: on.status,
      done: on.status,
      stage: (d: never) => on.progress?.(d),
      progress: (d: never) => on.progress?.(d),
    });
    stream.onConnection = (connected) => {
      if (connected && broke) on.resumed();
      broke = !connected;
    };
  };
  // Over HTTP/1.1 a browser has six connections to a host for all its pages: one that nobody sees takes none.
  const seen = () => {
    if (!document.hidden) {
      if (!stream) open();
      return;
    }
    stream?.close();
    stream = null;
    broke = true;
  };
  document.addEventListener("visibilitychange", seen);
  seen();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    stream?.close();
  };
}

/**
 * Stream is an EventSource that does not give up. The browser resumes a connection that breaks, but not where a gateway answers for
 * a service that is away: then another one begins when that is back, where the first one ended.
 */
class Stream {
  onConnection: (connected: boolean) => void = () => {};
  private source: EventSource | null = null;
  private last = "";
  private readonly leave: (() => void)[];

  constructor(
    private readonly path: string,
    private readonly on: Record<string, (data: never) => void>,
  ) {
    const again = () => {
      if (this.source?.readyState !== EventSource.OPEN) this.open();
    };
    this.leave = [service.onReturn(again), lock.onOpen(again)];
    this.open();
  }

  close(): void {
    for (const leave of this.leave) leave();
    this.source?.close();
    this.source = null;
  }

  /** examine asks why a stream was refused: because nothing follows, the service is away, or does not know who asks. */
  private async examine(refused: EventSource): Promise<void> {
    const answer = await fetch(this.address(), { method: "HEAD" }).catch(() => null);
    if (this.source !== refused) return;
    if (!answer || gateway(answer.status, answer.headers.get("Content-Type"))) service.away();
    else if (answer.status === 401) lock.shut();
    else if (answer.ok && answer.status !== 204 && !service.get().reachable) service.here();
    else if (answer.ok && answer.status !== 204) setTimeout(() => this.source === refused && this.open(), 1000);
    else this.on.done?.({} as never); // it has ended or is gone: whoever asks for it learns which
  }

  private address(): string {
    return this.last ? `${this.path}?last_event_id=${this.last}` : this.path;
  }

  private open(): void {
    this.source?.close();
    const source = new EventSource(this.address());
    this.source = source;
    source.onopen = () => {
      service.here();
      this.onConnection(true);
    };
    source.onerror = () => {
      this.onConnection(false);
      if (source.readyState === EventSource.CLOSED) void this.examine(source);
      else service.doubt(); // the browser tries again by itself, and sooner where that tells that it is back
    };
    for (const [type, f] of Object.entries(this.on))
      source.addEventListener(type, (e) => {
        const { data, lastEventId } = e as MessageEvent<string>;
        if (lastEventId) this.last = lastEventId;
        f(JSON.parse(data) as never);
      });
  }
}
