/**
 * Shaders are compiled beside the page while there is nothing to draw yet, and kept for as long as the viewer lives. A program that no
 * material uses is forgotten by three.js: whoever needed it next, such as the next cut, would wait for the card to make it anew.
 */
import { BufferAttribute, BufferGeometry, Camera, LineSegments, Mesh, Scene, type WebGLRenderer } from "three";
import { outlineMaterial } from "./outlineLayer";
import { MANNERS, triangleMaterial } from "./triangleShader";

export class Shaders {
  /** Drawing waits for nothing. */
  ready = false;
  private disposed = false;
  private readonly kept = new Scene();
  private readonly geometry = new BufferGeometry().setAttribute("position", new BufferAttribute(new Float32Array(12), 4));

  constructor(
    private readonly renderer: WebGLRenderer,
    private readonly done: () => void,
  ) {
    for (const manner of MANNERS) this.kept.add(new Mesh(this.geometry, triangleMaterial({}, manner)));
    this.kept.add(new LineSegments(this.geometry, outlineMaterial({})));
    void this.compile();
  }

  /** compile makes them ready, again for a card that has lost them. */
  async compile(): Promise<void> {
    this.ready = false;
    await this.renderer.compileAsync(this.kept, new Camera());
    if (this.disposed) return;
    // What three.js asks of a program at its first use would wait for all that is being drawn by then.
    for (const program of this.renderer.info.programs ?? []) program.getUniforms();
    this.ready = true;
    this.done();
  }

  dispose(): void {
    this.disposed = true;
    this.geometry.dispose();
    for (const o of this.kept.children) ((o as Mesh).material as { dispose: () => void }).dispose();
  }
}
