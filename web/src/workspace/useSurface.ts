/** The surface that a viewer shows: loaded whenever another is wanted, and once more when somebody asks for that. */
import { useEffect, useRef, useState } from "react";
import type { Artifact } from "../api/client";
import { useFreshAddresses } from "../api/queries";
import { SurfaceLoader } from "../viewer/load";
import type { MeshViewer } from "../viewer/MeshViewer";
import type { Prepared } from "../viewer/prepare";
import { notLoaded, type Reason } from "./Unseen";

interface Hearers {
  /** A large one can be drawn, before all of it is there. */
  drawable?: (surface: Prepared) => void;
  /** It is there; what was there before may be let go of. */
  loaded: (surface: Prepared) => void;
  /** It could not be loaded, and nothing is shown in its place. */
  failed: () => void;
}

export interface Loading {
  loading: boolean;
  problem: Reason | null;
  /** fail says that what is there cannot be seen. */
  fail: (why: Reason) => void;
  /** again tries once more, by an address that is asked for anew. */
  again: () => void;
}

export function useSurface(viewer: MeshViewer | null, surface: Artifact | undefined, hearers: Hearers): Loading {
  const file = surface?.id;
  const latest = useRef({ file, url: surface?.url, ...hearers }); // as they were told last: addresses hold for a while only
  latest.current = { file, url: surface?.url, ...hearers };
  const loader = useRef<SurfaceLoader | null>(null);
  const [loading, setLoading] = useState(false);
  const [problem, setProblem] = useState<Reason | null>(null);
  const fresh = useFreshAddresses();

  useEffect(() => {
    if (!viewer) return;
    const own = new SurfaceLoader();
    loader.current = own;
    return () => {
      loader.current = null;
      own.dispose();
    };
  }, [viewer]);

  const load = (url: string) => {
    setLoading(true);
    setProblem(null);
    loader.current
      ?.load(url, (l) => latest.current.drawable?.(l))
      .then(
        (l) => {
          if (!l) return; // another is wanted
          setLoading(false);
          latest.current.loaded(l);
        },
        (e: Error) => {
          // What was seen before is not what was asked for: nothing is left of it.
          viewer?.clear();
          latest.current.failed();
          setProblem(notLoaded(e));
          setLoading(false);
        },
      );
  };

  useEffect(() => {
    const { url } = latest.current;
    if (!viewer || !url) return;
    load(url);
    return () => {
      // What was wanted is no longer: neither it nor what went wrong with it is told.
      loader.current?.drop();
      setLoading(false);
      setProblem(null);
    };
  }, [viewer, file]);

  const again = async () => {
    setLoading(true);
    const addressOf = await fresh();
    if (!file || file !== latest.current.file || !loader.current) return; // another is wanted, and is loaded by itself
    load(addressOf(file) ?? latest.current.url ?? "");
  };

  return { loading, problem, fail: setProblem, again: () => void again() };
}
