/** The camera and the hand on it: turning, moving, zooming to the pointer, standard views, perspective or parallel. */
import { OrthographicCamera, PerspectiveCamera, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { Projection, StandardView } from "./types";

const FIELD_OF_VIEW = 32; // degrees: little distortion
const MARGIN = 1.12; // space around a part that fits

const DIRECTIONS: Record<StandardView, [Vector3, Vector3]> = {
  iso: [new Vector3(1, -1.35, 0.85), new Vector3(0, 0, 1)],
  front: [new Vector3(0, -1, 0), new Vector3(0, 0, 1)],
  back: [new Vector3(0, 1, 0), new Vector3(0, 0, 1)],
  left: [new Vector3(-1, 0, 0), new Vector3(0, 0, 1)],
  right: [new Vector3(1, 0, 0), new Vector3(0, 0, 1)],
  top: [new Vector3(0, 0, 1), new Vector3(0, 1, 0)],
  bottom: [new Vector3(0, 0, -1), new Vector3(0, -1, 0)],
};

const FLIGHT = 420; // milliseconds that the way to a place takes

export class CameraRig {
  /** Of the sphere around what is looked at, which lies around the origin. */
  radius = 1;
  private readonly perspective = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.01, 100);
  private readonly orthographic = new OrthographicCamera(-1, 1, 1, -1, 0.01, 100);
  private current: PerspectiveCamera | OrthographicCamera = this.perspective;
  private controls: OrbitControls;
  private flight = 0;

  /** changed is called whenever the view is another. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly changed: () => void,
  ) {
    this.controls = this.makeControls();
  }

  get camera(): PerspectiveCamera | OrthographicCamera {
    return this.current;
  }

  get target(): Vector3 {
    return this.controls.target;
  }

  get projection(): Projection {
    return this.current === this.perspective ? "perspective" : "orthographic";
  }

  /** setProjection changes the camera; what is in the middle keeps its size. */
  setProjection(projection: Projection): void {
    this.land();
    const from = this.current;
    const to = projection === "perspective" ? this.perspective : this.orthographic;
    if (from === to) return;
    const distance = from.position.distanceTo(this.target);
    const half = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180);
    to.position.copy(from.position);
    to.up.copy(from.up);
    if (to === this.orthographic) {
      this.orthographic.zoom = 1 / (distance * half);
    } else {
      const wanted = 1 / (this.orthographic.zoom * half);
      to.position.sub(this.target).setLength(wanted).add(this.target);
    }
    this.current = to;
    const target = this.target.clone();
    this.controls.dispose();
    this.controls = this.makeControls();
    this.target.copy(target);
    this.controls.update();
  }

  /** look turns to a standard view and fits the part. */
  look(view: StandardView): void {
    const [direction, up] = DIRECTIONS[view];
    this.current.up.copy(up);
    this.frame(new Vector3(), this.radius, direction);
  }

  /** fit shows the whole part from where one looks. */
  fit(): void {
    if (this.direction().lengthSq() < 1e-12) this.look("iso");
    else this.frame(new Vector3(), this.radius, this.direction());
  }

  /**
   * flyTo brings a place to the middle, with the given radius around it in view: smoothly, so that one sees where it is, and
   * at once for people who want no motion. A hand on the view ends the flight.
   */
  flyTo(centre: Vector3, radius: number): void {
    const before = { position: this.current.position.clone(), target: this.target.clone(), zoom: this.current.zoom };
    this.frame(centre, radius, this.direction());
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const after = { position: this.current.position.clone(), target: centre.clone(), zoom: this.current.zoom };
    const started = performance.now();
    const step = () => {
      const t = Math.min((performance.now() - started) / FLIGHT, 1);
      const share = t * t * (3 - 2 * t);
      this.current.position.lerpVectors(before.position, after.position, share);
      this.target.lerpVectors(before.target, after.target, share);
      this.current.zoom = before.zoom * (after.zoom / before.zoom) ** share;
      this.settle();
      this.flight = t < 1 ? requestAnimationFrame(step) : 0;
    };
    step();
  }

  resize(aspect: number): void {
    this.perspective.aspect = aspect;
    Object.assign(this.orthographic, { left: -aspect, right: aspect, top: 1, bottom: -1 });
  }

  /** embrace sets what is near and far so that the whole part is drawn, as precisely as can be. */
  embrace(): void {
    const distance = this.current.position.length();
    this.current.near = Math.max(distance - 2 * this.radius, distance * 1e-3, this.radius * 1e-4);
    this.current.far = distance + 2 * this.radius;
    this.current.updateProjectionMatrix();
  }

  dispose(): void {
    this.land();
    this.controls.dispose();
  }

  private direction(): Vector3 {
    return this.current.position.clone().sub(this.target);
  }

  private frame(centre: Vector3, radius: number, direction: Vector3): void {
    this.land();
    const aspect = Math.min(1, this.perspective.aspect);
    const half = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180) * aspect;
    const distance = (MARGIN * radius) / Math.sin(Math.atan(half));
    this.current.position.copy(centre).add(direction.clone().setLength(distance));
    if (this.current === this.orthographic) this.orthographic.zoom = aspect / (MARGIN * radius);
    this.target.copy(centre);
    this.settle();
  }

  private settle(): void {
    this.current.updateProjectionMatrix();
    this.controls.update();
    this.changed();
  }

  private land(): void {
    cancelAnimationFrame(this.flight);
    this.flight = 0;
  }

  private makeControls(): OrbitControls {
    const controls = new OrbitControls(this.current, this.canvas);
    controls.enableDamping = false;
    controls.zoomToCursor = true;
    controls.rotateSpeed = 0.9;
    controls.addEventListener("change", this.changed);
    controls.addEventListener("start", () => this.land());
    return controls;
  }
}
