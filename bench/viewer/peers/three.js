// Shows /samples/peer.glb or, with ?stl, /samples/peer.stl with three.js and its own loaders, as its examples do.
import {
  AmbientLight,
  Box3,
  Color,
  DirectionalLight,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  Sphere,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { STLLoader } from "three/addons/loaders/STLLoader.js";

const host = document.getElementById("scene");
const renderer = new WebGLRenderer({ antialias: true });
renderer.setSize(host.clientWidth, host.clientHeight);
host.appendChild(renderer.domElement);
const scene = new Scene();
scene.background = new Color("#f5f6f8");
scene.add(new AmbientLight("#ffffff", 1));
const camera = new PerspectiveCamera(32, host.clientWidth / host.clientHeight, 0.1, 2000);
const sun = new DirectionalLight("#ffffff", 2);
camera.add(sun);
scene.add(camera);
const controls = new OrbitControls(camera, renderer.domElement);
controls.addEventListener("change", () => renderer.render(scene, camera));

document.querySelector("button").addEventListener("click", async () => {
  const object = await load();
  scene.add(object);
  const { center, radius } = new Box3().setFromObject(object).getBoundingSphere(new Sphere());
  camera.position.copy(center).addScalar((2.5 * radius) / Math.sqrt(3) + radius);
  controls.target.copy(center);
  controls.update();
  renderer.render(scene, camera);
});

async function load() {
  if (location.search === "?stl") {
    const geometry = await new STLLoader().loadAsync("/samples/peer.stl");
    return new Mesh(geometry, new MeshStandardMaterial());
  }
  return (await new GLTFLoader().loadAsync("/samples/peer.glb")).scene;
}
