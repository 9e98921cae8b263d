/** Motion that lets one see where things go. */

const TIME = 420; // milliseconds that it takes

/**
 * glide calls step with shares that grow smoothly to 1: at once with 1 for people who want no motion. The returned function ends it
 * where it is.
 */
export function glide(step: (share: number) => void): () => void {
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    step(1);
    return () => {};
  }
  const started = performance.now();
  let frame = 0;
  const next = () => {
    const t = Math.min((performance.now() - started) / TIME, 1);
    frame = t < 1 ? requestAnimationFrame(next) : 0;
    step(t * t * (3 - 2 * t));
  };
  next();
  return () => cancelAnimationFrame(frame);
}
