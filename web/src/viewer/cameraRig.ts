/** The camera and the hand on it: turning, moving, zooming to the pointer, standard views, perspective or parallel. */
import { OrthographicCamera, PerspectiveCamera, type Sphere, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { glide } from "./motion";
import type { Point, Projection, StandardView } from "./types";

const FIELD_OF_VIEW = 32; // degrees: little distortion
const MARGIN = 1.12; // space around a part that fits

const UP = new Vector3(0, 0, 1); // in every view: turning goes around it
const HALF = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180); // height in view by the distance
const ALMOST = 1e-4; // seen from straight above there would be no left and right
// Half of what is in view, by the extent: closer there is nothing but rounding, farther nothing to see.
const CLOSEST = 1e-4;
const FARTHEST = 1e3;

/** From the part to the eye. */
const DIRECTIONS: Record<StandardView, Vector3> = {
  iso: new Vector3(1, -1.35, 0.85),
  front: new Vector3(0, -1, 0),
  back: new Vector3(0, 1, 0),
  left: new Vector3(-1, 0, 0),
  right: new Vector3(1, 0, 0),
  top: new Vector3(0, -ALMOST, 1),
  bottom: new Vector3(0, -ALMOST, -1),
};

export class CameraRig {
  private centre = new Vector3();
  private radius = 1;
  private extent = 1;
  private readonly perspective = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.01, 100);
  private readonly orthographic = new OrthographicCamera(-1, 1, 1, -1, 0.01, 100);
  private current: PerspectiveCamera | OrthographicCamera = this.perspective;
  private controls: OrbitControls;
  private land = () => {}; // ends the way to a place
  private silent = false; // while the view is set by a program

  /** changed is called whenever the view is another. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly changed: () => void,
  ) {
    for (const camera of [this.perspective, this.orthographic]) camera.up.copy(UP);
    this.controls = this.makeControls();
  }

  /** around says what there is to look at, and how far from the origin anything lies. */
  around({ center, radius }: Sphere, extent: number): void {
    this.centre = center;
    this.radius = radius;
    this.extent = extent;
    this.limit();
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
    to.position.copy(from.position);
    if (to === this.orthographic) {
      this.orthographic.zoom = 1 / (distance * HALF);
    } else {
      const wanted = 1 / (this.orthographic.zoom * HALF);
      to.position.sub(this.target).setLength(wanted).add(this.target);
    }
    this.use(to);
    this.settle();
  }

  /** height is half of what is in view from bottom to top where one looks at. */
  get height(): number {
    if (this.current === this.orthographic) return 1 / this.orthographic.zoom;
    return this.current.position.distanceTo(this.target) * HALF;
  }

  /** heightAt is half of what is in view from bottom to top at the depth of a place. */
  heightAt(place: Vector3): number {
    if (this.current === this.orthographic) return this.height;
    const depth = this.current.position.clone().sub(place).dot(this.towardsEye());
    return Math.max(depth, this.extent * ALMOST) * HALF;
  }

  /** towardsEye is the direction from what is looked at to the eye. */
  towardsEye(): Vector3 {
    return this.direction().normalize();
  }

  /** set looks at a place from a direction, without telling that the view has changed: who calls knows. */
  set(projection: Projection, target: Vector3, towardsEye: Readonly<Point>, height: number): void {
    this.land();
    this.silent = true;
    this.use(projection === "perspective" ? this.perspective : this.orthographic);
    this.target.copy(target);
    const distance = Math.max(this.within(height) / HALF, projection === "orthographic" ? 3 * this.extent : 0);
    this.current.position.copy(target).addScaledVector(new Vector3(...towardsEye).normalize(), distance);
    if (this.current === this.orthographic) this.orthographic.zoom = 1 / this.within(height);
    this.settle();
    this.silent = false;
  }

  /** look turns to a standard view and fits the part. */
  look(view: StandardView): void {
    this.frame(this.centre, this.radius, DIRECTIONS[view]);
  }

  /** fit shows the whole part from where one looks, wherever that was. */
  fit(): void {
    this.frame(this.centre, this.radius, this.direction());
  }

  /**
   * flyTo brings a place to the middle, with the given radius around it in view: smoothly, so that one sees where it is, and
   * at once for people who want no motion. A hand on the view ends the flight.
   */
  flyTo(centre: Vector3, radius: number): void {
    const before = { position: this.current.position.clone(), target: this.target.clone(), zoom: this.current.zoom };
    this.frame(centre, radius, this.direction());
    const after = { position: this.current.position.clone(), target: centre.clone(), zoom: this.current.zoom };
    this.land = glide((share) => {
      this.current.position.lerpVectors(before.position, after.position, share);
      this.target.lerpVectors(before.target, after.target, share);
      this.current.zoom = before.zoom * (after.zoom / before.zoom) ** share;
      this.settle();
    });
  }

  /** turn turns the part by so many radians to the right and up, as it is seen. */
  turn(right: number, up: number): void {
    this.land();
    const eye = this.direction();
    const away = eye.length();
    if (away === 0) return; // there is no direction to turn
    const above = Math.asin(eye.z / away) - up;
    const around = Math.atan2(eye.y, eye.x) - right;
    const height = Math.min(Math.max(above, ALMOST - Math.PI / 2), Math.PI / 2 - ALMOST);
    eye.set(Math.cos(height) * Math.cos(around), Math.cos(height) * Math.sin(around), Math.sin(height));
    this.current.position.copy(this.target).addScaledVector(eye, away);
    this.settle();
  }

  /** move moves the part to the right and up, as shares of what is in view from bottom to top. */
  move(right: number, up: number): void {
    this.land();
    const step = new Vector3(-right, -up, 0).multiplyScalar(2 * this.height).applyQuaternion(this.current.quaternion);
    this.target.add(step);
    this.current.position.add(step);
    this.settle();
  }

  /** zoom shows what is in the middle so many times larger, as far as there is anything to see. */
  zoom(times: number): void {
    this.land();
    const height = this.within(this.height / times);
    if (this.current === this.orthographic) this.orthographic.zoom = 1 / height;
    else
      this.current.position
        .copy(this.towardsEye())
        .multiplyScalar(height / HALF)
        .add(this.target);
    this.settle();
  }

  /** grow keeps in view what was in view, when what there is to look at grows from one sphere to another. */
  grow(from: Sphere, to: Sphere): void {
    this.land();
    const scale = to.radius / from.radius;
    const move = (p: Vector3) => p.sub(from.center).multiplyScalar(scale).add(to.center);
    move(this.target);
    move(this.current.position);
    this.current.zoom /= this.current === this.orthographic ? scale : 1;
    this.settle();
  }

  resize(aspect: number): void {
    this.perspective.aspect = aspect;
    Object.assign(this.orthographic, { left: -aspect, right: aspect, top: 1, bottom: -1 });
  }

  /**
   * embrace sets what is near and far so that the whole part is drawn, as precisely as can be, and what one looks at however close
   * it is.
   */
  embrace(): void {
    const distance = this.current.position.length();
    const within = Math.min(Math.max(distance * 1e-3, this.extent * 1e-4), this.direction().length() / 2);
    this.current.near = Math.max(distance - 2 * this.extent, within);
    this.current.far = distance + 2 * this.extent;
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
    const distance = (MARGIN * radius) / Math.sin(Math.atan(HALF * aspect));
    const from = direction.lengthSq() > 0 && Number.isFinite(direction.lengthSq()) ? direction : DIRECTIONS.iso;
    this.current.position.copy(centre).add(from.clone().setLength(distance));
    if (this.current === this.orthographic) this.orthographic.zoom = aspect / (MARGIN * radius);
    this.target.copy(centre);
    this.settle();
  }

  /** within brings half of what is in view to where there is something to see. */
  private within(height: number): number {
    return Math.min(Math.max(height, CLOSEST * this.extent), FARTHEST * this.extent);
  }

  /** limit has a wheel and a hand keep to that, too. */
  private limit(): void {
    this.controls.minDistance = (CLOSEST * this.extent) / HALF;
    this.controls.maxDistance = (FARTHEST * this.extent) / HALF;
    this.controls.minZoom = 1 / (FARTHEST * this.extent);
    this.controls.maxZoom = 1 / (CLOSEST * this.extent);
  }

  private settle(): void {
    this.current.updateProjectionMatrix();
    this.controls.update();
    this.tell();
  }

  private tell(): void {
    if (!this.silent) this.changed();
  }

  private use(camera: PerspectiveCamera | OrthographicCamera): void {
    if (camera === this.current) return;
    const target = this.target.clone();
    this.current = camera;
    this.controls.dispose();
    this.controls = this.makeControls();
    this.limit();
    this.target.copy(target);
  }

  private makeControls(): OrbitControls {
    const controls = new OrbitControls(this.current, this.canvas);
    controls.enableDamping = false;
    controls.zoomToCursor = true;
    controls.rotateSpeed = 0.9;
    controls.addEventListener("change", () => this.tell());
    controls.addEventListener("start", () => this.land());
    return controls;
  }
}
