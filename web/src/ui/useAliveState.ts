import { type Dispatch, type SetStateAction, useCallback, useEffect, useRef, useState } from "react";

/**
 * useAliveState is useState for what children tell as they go: once the component is going itself it is told nothing any more.
 * React would keep it until something renders again, with all that its state holds, which may be megabytes.
 */
export function useAliveState<T>(initial: T): [T, Dispatch<SetStateAction<T>>] {
  const [value, set] = useState(initial);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false; // a parent's effects end before its children's
    };
  }, []);
  const setAlive = useCallback((next: SetStateAction<T>) => {
    if (alive.current) set(next);
  }, []);
  return [value, setAlive];
}
