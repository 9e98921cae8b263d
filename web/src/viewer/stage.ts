/** The canvas and what draws on it: a frame where something changed, and again once the card, taken away, is back. */
import { Color, type Object3D, type OrthographicCamera, type PerspectiveCamera, Scene, WebGLRenderer } from "three";
import { listenToContext } from "./contextLoss";
import { Multisampling } from "./multisampling";
import { Shaders } from "./shaders";
import { Triad } from "./triad";
import type { Theme } from "./types";

export interface StageHost {
  camera: () => PerspectiveCamera | OrthographicCamera;
  /** There is something that only the shaders can draw. */
  needsShaders: () => boolean;
  /** Another frame of the same follows soon, and is worth more. */
  coarsely: () => boolean;
  /** The next frame is about to be drawn. */
  before: () => void;
  /** It is drawn. */
  after: () => void;
  /** The canvas has another shape: its width by its height. */
  resized: (aspect: number) => void;
  lost: () => void;
  /** The card is back, and holds nothing of what it held. */
  restored: () => void;
}

/** What keyPointer and keyCamera listen to. */
const KEYS = [
  ...["Left", "Right", "Up", "Down"].flatMap((way) =>
    ["", "Shift+", "Control+", "Control+Shift+"].map((held) => `${held}Arrow${way}`),
  ),
  ...["J", "L", "U", "K"].flatMap((letter) => [letter, `Shift+${letter}`]),
  "Enter",
  "Shift+Enter",
  "Plus",
  "-",
].join(" ");
const KEYS_IN_WORDS =
  "Arrow keys move a pointer, Enter clicks. J, L, U and K turn the part, with shift they move it; plus and minus zoom. The question mark lists all keys.";
let described = 0; // canvases of the page

export class Stage {
  readonly canvas: HTMLCanvasElement;
  private readonly renderer: WebGLRenderer;
  private readonly multisampling: Multisampling;
  private readonly scene = new Scene();
  private readonly observer: ResizeObserver;
  private readonly shaders: Shaders;
  private readonly triad: Triad;
  private readonly abort = new AbortController();
  private frame = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly host: StageHost,
  ) {
    this.renderer = new WebGLRenderer({ antialias: false, depth: false, powerPreference: "high-performance" });
    this.multisampling = new Multisampling(this.renderer);
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.canvas = this.renderer.domElement;
    this.canvas.style.display = "block";
    this.canvas.tabIndex = 0;
    this.describe();
    element.appendChild(this.canvas);
    this.triad = new Triad(element);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
    this.shaders = new Shaders(this.renderer, () => this.draw());
    const restored = () => {
      this.multisampling.free(); // it was the other card's
      void this.shaders.compile();
      host.restored();
      this.draw();
    };
    listenToContext(this.canvas, { lost: host.lost, restored }, this.signal);
  }

  /** signal ends what listens to the canvas. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get pixelRatio(): number {
    return this.renderer.getPixelRatio();
  }

  /** maxTexture is how many rows a texture of this card has at most. */
  get maxTexture(): number {
    return this.renderer.capabilities.maxTextureSize;
  }

  add(o: Object3D): void {
    this.scene.add(o);
  }

  remove(o: Object3D): void {
    this.scene.remove(o);
  }

  setTheme(theme: Theme): void {
    this.renderer.setClearColor(new Color(theme.background));
    this.triad.setTheme(theme);
  }

  /** draw asks for a frame. */
  draw(): void {
    if (this.frame || this.signal.aborted) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  /** picture returns what is seen as a PNG. */
  picture(): Promise<Blob> {
    this.render();
    const { width, height } = this.canvas;
    const picture = Object.assign(document.createElement("canvas"), { width, height });
    const context = picture.getContext("2d") as CanvasRenderingContext2D;
    context.drawImage(this.canvas, 0, 0);
    this.triad.paint(context, height, this.pixelRatio);
    return new Promise((resolve, reject) => {
      picture.toBlob((b) => (b ? resolve(b) : reject(new Error("The browser made no picture."))), "image/png");
    });
  }

  /** resize has the canvas fill its element. */
  resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height);
    this.host.resized(width / height);
    this.render();
  }

  /** close takes no event and draws no frame any more; dispose lets go of the card once nothing is left on it. */
  close(): void {
    this.abort.abort();
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
  }

  dispose(): void {
    this.shaders.dispose();
    this.triad.dispose();
    this.multisampling.free();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
    this.canvas.remove();
  }

  /** describe tells screen readers what the canvas is, and that keys go to it. */
  private describe(): void {
    const words = document.createElement("p");
    words.id = `stage-keys-${++described}`;
    words.className = "visually-hidden";
    words.textContent = KEYS_IN_WORDS;
    this.element.append(words);
    this.signal.addEventListener("abort", () => words.remove());
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "The part in three dimensions");
    this.canvas.setAttribute("aria-keyshortcuts", KEYS);
    this.canvas.setAttribute("aria-describedby", words.id);
  }

  private render(): void {
    this.triad.turn(this.host.needsShaders() ? this.host.camera().quaternion : null);
    if (this.host.needsShaders() && !this.shaders.ready) return; // it is drawn once they are
    this.host.before();
    this.multisampling.render(this.scene, this.host.camera(), this.host.coarsely());
    this.host.after();
  }
}
