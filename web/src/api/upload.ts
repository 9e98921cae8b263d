/**
 * Sends a file straight to the object store, in parts. What has arrived stays arrived: after a lost network, or in another
 * visit, only the parts that are missing are sent. Which upload a file belongs to is kept in the browser.
 */
import { ApiError, AWAY, api, persist, take, type Upload } from "./client";
import { service } from "./service";

const PARALLEL = 3;
const PATIENCE = [500, 1000, 2000, 4000, 8000, 8000, 8000]; // ms before a part is sent again
const KEY = "meshgen.uploads";

export interface UploadProgress {
  sent: number;
  total: number;
  /** The network is away; it is tried again. */
  waiting: boolean;
}

/** upload sends a file and returns the id of its geometry. */
export async function upload(
  file: File,
  options: { units?: Upload["units"]; signal: AbortSignal; onProgress: (p: UploadProgress) => void },
): Promise<string> {
  const { signal } = options;
  let begun = await persist(() => resume(file), signal);
  if (begun?.geometry_id) return begun.geometry_id;
  const body = { filename: file.name, size: file.size, ...(options.units ? { units: options.units as never } : {}) };
  begun ??= await persist(() => take(api.POST("/v1/uploads", { body, signal })), signal);
  remember(file, begun.id);

  const parts = begun.parts.map((p) => ({ ...p, sent: p.received ? p.size : 0 }));
  let waiting = false;
  const report = () => options.onProgress({ sent: parts.reduce((n, p) => n + p.sent, 0), total: file.size, waiting });
  report();

  const id = begun.id;
  const todo = parts.filter((p) => !p.received);
  const send = async () => {
    for (let part = todo.shift(); part; part = todo.shift()) {
      for (let attempt = 0; ; attempt++) {
        try {
          const p = part;
          await put(part.url as string, file.slice(part.offset, part.offset + part.size), signal, (sent) => {
            p.sent = sent;
            waiting = false;
            report();
          });
          part.sent = part.size;
          break;
        } catch (e) {
          if (signal.aborted || attempt >= PATIENCE.length) throw e;
          part.sent = 0;
          waiting = true;
          report();
          service.doubt(); // where it is away too, that counts for nothing
          await pause(PATIENCE[attempt], signal);
          await service.returned(signal);
          part.url = await freshURL(id, part.number);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, Math.max(todo.length, 1)) }, send));

  const geometry = await persist(
    () => take(api.POST("/v1/uploads/{id}/complete", { params: { path: { id } }, signal })),
    signal,
  );
  forget(file);
  return geometry.id;
}

/** freshURL asks again where a part is to go: the address may have expired meanwhile. */
async function freshURL(id: string, number: number): Promise<string | undefined> {
  try {
    const u = await take(api.GET("/v1/uploads/{id}", { params: { path: { id } } }));
    return u.parts.find((p) => p.number === number)?.url;
  } catch {
    return undefined; // the network is still away; the put will say so
  }
}

function put(url: string, body: Blob, signal: AbortSignal, onSent: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much was sent
    request.open("PUT", url);
    request.upload.onprogress = (e) => onSent(e.loaded);
    request.onload = () =>
      request.status < 300
        ? resolve()
        : reject(new ApiError(request.status, { detail: `The store answered ${request.status}.` } as never));
    request.onerror = () => reject(new ApiError(0, { detail: "The network is away." } as never));
    const cancel = () => {
      request.abort();
      reject(signal.reason);
    };
    signal.addEventListener("abort", cancel, { once: true });
    request.onloadend = () => signal.removeEventListener("abort", cancel);
    request.send(body);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      window.removeEventListener("online", done);
      resolve();
    };
    window.addEventListener("online", done, { once: true });
    setTimeout(done, ms);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const nameOf = (f: File) => `${f.name}/${f.size}/${f.lastModified}`;

function stored(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

function remember(file: File, id: string): void {
  localStorage.setItem(KEY, JSON.stringify({ ...stored(), [nameOf(file)]: id }));
}

function forget(file: File): void {
  const all = stored();
  delete all[nameOf(file)];
  localStorage.setItem(KEY, JSON.stringify(all));
}

/** resume returns the upload that this file was begun with, if it can go on. */
async function resume(file: File): Promise<Upload | undefined> {
  const id = stored()[nameOf(file)];
  if (!id) return undefined;
  try {
    return await take(api.GET("/v1/uploads/{id}", { params: { path: { id } } }));
  } catch (e) {
    if (e instanceof ApiError && e.status === AWAY) throw e;
    if (e instanceof ApiError && e.status === 404) forget(file);
    return undefined;
  }
}
