/**
 * Four samples a pixel, without which edges are ragged. With their depths they take eight times as much as the picture, and serve it
 * only while it is drawn: they are let go of when no frame has come for a while, and the canvas holds the picture alone.
 */
import { type Camera, type Scene, SRGBColorSpace, type WebGLRenderer, WebGLRenderTarget } from "three";

const SAMPLES = 4; // a pixel, where the card has as many
const REST = 1000; // ms without a frame

export class Multisampling {
  private readonly gl: WebGL2RenderingContext;
  private readonly most: number;
  private drawing: Drawing | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly renderer: WebGLRenderer) {
    this.gl = renderer.getContext() as WebGL2RenderingContext;
    this.most = Math.min(SAMPLES, this.gl.getParameter(this.gl.MAX_SAMPLES));
  }

  /** render draws a frame into the canvas; coarsely with one sample a pixel, which is sooner where there is no card. */
  render(scene: Scene, camera: Camera, coarsely: boolean): void {
    const { gl, renderer } = this;
    const { drawingBufferWidth: width, drawingBufferHeight: height } = gl;
    const samples = coarsely ? 0 : this.most;
    if (!this.drawing?.is(width, height, samples)) {
      this.free();
      this.drawing = new Drawing(renderer, gl, width, height, samples);
    }
    const { target, framebuffer } = this.drawing;
    renderer.setRenderTarget(target);
    renderer.render(scene, camera);
    renderer.setRenderTarget(null);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, framebuffer);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    gl.invalidateFramebuffer(gl.READ_FRAMEBUFFER, [gl.COLOR_ATTACHMENT0, gl.DEPTH_ATTACHMENT]);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.free(), REST);
  }

  /** free lets go of the samples; the next frame makes them anew. */
  free(): void {
    clearTimeout(this.timer);
    this.drawing?.dispose();
    this.drawing = null;
    this.gl.flush(); // or they are kept until something is drawn
  }
}

/** What its types do not tell of three.js' renderer. */
interface Lender {
  setRenderTargetFramebuffer: (target: WebGLRenderTarget, framebuffer: WebGLFramebuffer) => void;
}

/** What a frame of one size is drawn into. */
class Drawing {
  readonly framebuffer: WebGLFramebuffer;
  readonly target: WebGLRenderTarget;
  private readonly buffers: WebGLRenderbuffer[];

  constructor(
    renderer: WebGLRenderer,
    private readonly gl: WebGL2RenderingContext,
    width: number,
    height: number,
    private readonly samples: number,
  ) {
    this.framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.framebuffer); // the one whose binding three.js does not keep
    this.buffers = [
      [gl.COLOR_ATTACHMENT0, gl.RGBA8],
      [gl.DEPTH_ATTACHMENT, gl.DEPTH_COMPONENT24],
    ].map(([attachment, format]) => {
      const buffer = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
      gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, format, width, height);
      gl.framebufferRenderbuffer(gl.READ_FRAMEBUFFER, attachment, gl.RENDERBUFFER, buffer);
      return buffer;
    });
    gl.bindRenderbuffer(gl.RENDERBUFFER, null);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    // To three.js it is what a headset lends: a framebuffer of somebody else's, with the colours of a screen.
    this.target = new WebGLRenderTarget(width, height, { colorSpace: SRGBColorSpace });
    Object.assign(this.target, { isXRRenderTarget: true });
    (renderer as unknown as Lender).setRenderTargetFramebuffer(this.target, this.framebuffer);
  }

  is(width: number, height: number, samples: number): boolean {
    return this.target.width === width && this.target.height === height && this.samples === samples;
  }

  dispose(): void {
    for (const b of this.buffers) this.gl.deleteRenderbuffer(b);
    this.gl.deleteFramebuffer(this.framebuffer);
  }
}
