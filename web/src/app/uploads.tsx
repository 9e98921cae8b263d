/** The files that are on their way, whatever page is shown. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { keys } from "../api/queries";
import { type UploadProgress, upload } from "../api/upload";
import { addPart } from "../batches/draft";

export interface Sending extends UploadProgress {
  key: number;
  name: string;
  error?: string;
}

interface Uploads {
  sending: Sending[];
  /** Parts that were sent from this page. */
  sent: ReadonlySet<string>;
  /** send uploads files. One is opened when it is there; several make a batch, as does what is sent for one. */
  send: (files: File[], to?: "batch") => void;
  cancel: (key: number) => void;
  retry: (key: number) => void;
}

const Context = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(Context);
  if (!uploads) throw new Error("useUploads needs an UploadsProvider around it");
  return uploads;
}

export const ACCEPTED = ".step,.stp,.iges,.igs,.brep,.brp,.stl";

export function UploadsProvider({ children }: { children: ReactNode }) {
  const [sending, setSending] = useState<Sending[]>([]);
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const running = useRef(new Map<number, { file: File; open: boolean; abort: AbortController }>());
  const next = useRef(1);
  const client = useQueryClient();
  const [, navigate] = useLocation();

  const change = useCallback((key: number, f: (s: Sending) => Sending) => {
    setSending((all) => all.map((s) => (s.key === key ? f(s) : s)));
  }, []);
  const drop = useCallback((key: number) => {
    running.current.delete(key);
    setSending((all) => all.filter((s) => s.key !== key));
  }, []);

  const begin = useCallback(
    async (key: number, file: File, open: boolean) => {
      const abort = new AbortController();
      running.current.set(key, { file, open, abort });
      try {
        const geometry = await upload(file, {
          signal: abort.signal,
          onProgress: (p) => change(key, (s) => ({ ...s, ...p, error: undefined })),
        });
        setSent((all) => new Set(all).add(geometry));
        client.invalidateQueries({ queryKey: keys.geometries });
        if (!open) addPart(geometry);
        drop(key);
        if (open) navigate(`/parts/${geometry}`);
      } catch (e) {
        if (abort.signal.aborted) drop(key);
        else change(key, (s) => ({ ...s, error: e instanceof Error ? e.message : String(e) }));
      }
    },
    [change, client, drop, navigate],
  );

  const send = useCallback(
    (files: File[], to?: "batch") => {
      const open = files.length === 1 && to !== "batch";
      if (!open && files.length > 0) navigate("/batches/new");
      for (const file of files) {
        const key = next.current++;
        setSending((all) => [...all, { key, name: file.name, sent: 0, total: file.size, waiting: false }]);
        void begin(key, file, open);
      }
    },
    [begin, navigate],
  );
  const cancel = useCallback(
    (key: number) => {
      running.current.get(key)?.abort.abort();
      drop(key);
    },
    [drop],
  );
  const retry = useCallback(
    (key: number) => {
      const before = running.current.get(key);
      if (before) void begin(key, before.file, before.open);
    },
    [begin],
  );

  // Closing the page loses no byte that has arrived, but a person may not know that.
  const busy = sending.some((s) => !s.error);
  useEffect(() => {
    if (!busy) return;
    const ask = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [busy]);

  const value = useMemo(() => ({ sending, sent, send, cancel, retry }), [sending, sent, send, cancel, retry]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}
