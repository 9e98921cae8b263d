/** What of a mesh one looks at: the measure it is coloured by, the part of its histogram that stands out, the place one flew to. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Mesh } from "../api/client";
import type { Measure } from "../viewer/surfaceFile";
import type { Look } from "../workspace/look";
import { valuesOf } from "./histogram";
import type { Brush } from "./Quality";

/** A place, with the radius around it that is in view. */
export interface Focus {
  point: [number, number, number];
  radius: number;
}

interface Of {
  /** The mesh that is chosen, whether it is there yet or not. */
  id: string | undefined;
  /** What the scene shows of it; absent where it shows something else. */
  mesh: Mesh | null | undefined;
  look: Look;
  onLook: (change: (before: Look) => Look) => void;
  /** What stands out at first. */
  first?: Brush | null;
}

export function useInspection({ id, mesh, look: { coloring }, onLook, first = null }: Of) {
  const [measures, setMeasures] = useState<Measure[]>([]);
  const [brush, setBrush] = useState(first);
  const [focus, setFocus] = useState<Focus | null>(null);
  const brushed = useRef(id);
  useEffect(() => {
    if (brushed.current !== id) setBrush(null); // a range is that of one mesh
    brushed.current = id;
  }, [id]);
  const shown = coloring.by === "measure" ? coloring.name : undefined;
  const values = useMemo(() => {
    const histogram = brush && mesh?.measured?.volume.measures?.[brush.name]?.histogram;
    const scale = measures.find((x) => x.name === brush?.name);
    return histogram && scale && shown === brush.name ? valuesOf(histogram, brush.bins, scale) : null;
  }, [brush, mesh, measures, shown]);
  return {
    brush,
    setFocus,
    /** For the scene. */
    scene: { brush: values, focus, onMeasures: setMeasures, onEscape: () => setBrush(null) },
    /** For the histogram and the worst elements. */
    quality: {
      shown,
      onShow: (name: string) => onLook((l) => ({ ...l, coloring: { by: "measure", name } })),
      scales: measures,
      brush,
      onBrush: setBrush,
      onWorst: (point: Focus["point"], volume: number) => {
        onLook((l) => ({ ...l, xray: true }));
        setFocus({ point, radius: 6 * Math.cbrt(volume) });
      },
    },
  };
}
