/**
 * How triangles are drawn. A shader knows from the number of a vertex which triangle and which corner it is; where that lies, it reads from
 * textures where triangles share their vertices (SHARED), which takes half of what a vertex for each corner would.
 */
import { DoubleSide, GLSL3, type IUniform, RawShaderMaterial } from "three";
import { readCorners } from "./corners";
import { HIDDEN, HOVERED, lookUp, SELECTED } from "./faceTable";

/** How triangles get their colour: by their face, or by their value on the scale. */
export enum Coloring {
  Face = 0,
  Value = 1,
}

/** How triangles are coloured by their values, and whether they are, for whatever is drawn on them. */
export type Colors = Record<"values" | "scale" | "stretch" | "coloring", IUniform>;

/** scaled is how shaders find the colour of a value; they have the uniforms scale and stretch. */
export const scaled = /* glsl */ `
  vec3 scaled(float value) {
    return texelFetch(scale, ivec2(clamp(int(stretch.x * value + stretch.y + 0.5), 0, 255), 0), 0).rgb;
  }
`;

// What a triangle looks like goes to its pixels as one number: its colour in 24 bits, then these. Each number more is reckoned with for
// every triangle, however few pixels it has.
const MASK = 24; // three bits, the edges to draw
const GHOST = 27;
const LIT = 28;
const HALF_LIT = 29;
const bit = (i: number): string => `${1 << i}u`;

// What is not asked for is not read: only an if keeps a shader from that, while ?: and && may have both sides reckoned.
const vertexShader = /* glsl */ `
  precision highp float;
  precision highp int;
  precision highp usampler2D;
  #ifdef SHARED
  uniform usampler2D positions;
  uniform usampler2D drawn;
  uniform bool someEdges;
  #else
  in vec4 position;
  #endif
  uniform mat4 modelMatrix;
  uniform mat4 viewMatrix;
  uniform mat4 projectionMatrix;
  uniform usampler2D faces;
  uniform sampler2D values;
  uniform sampler2D scale;
  uniform int coloring;
  uniform bool valued;
  uniform vec2 stretch;
  uniform vec2 brush;
  uniform sampler2D depths;
  uniform bool crinkled;
  uniform float crinkle;
  uniform vec4 plane;
  out vec2 bary;
  out vec3 viewPosition;
  out float beyond;
  flat out uint look;
  ${lookUp}
  ${scaled}
  #ifdef SHARED
  ${readCorners}
  #endif

  // i / 3, where 65536 is three times 21845 and one: a division takes longer than all else here where there is no card.
  uint third(uint i) {
    uint high = i >> 16;
    return 21845u * high + ((high + (i & 65535u)) * 43691u >> 17);
  }

  void main() {
    int triangle = int(third(uint(gl_VertexID)));
    ivec2 at = texel(triangle);
    int corner = gl_VertexID - 3 * triangle;
    #ifdef SHARED
    vec3 place = vec3(texelFetch(positions, texel(vertexOf(gl_VertexID, triangle)), 0).xyz);
    int mask = 7;
    if (someEdges) mask = int(texelFetch(drawn, at, 0).r);
    #else
    vec3 place = position.xyz;
    int mask = int(position.w + 0.5);
    #endif
    int face = int(texelFetch(faces, at, 0).r);
    vec4 own = lookOf(face);
    int state = stateOf(own);
    float value = 0.0;
    if (valued) value = texelFetch(values, at, 0).r * 255.0;

    vec3 color = own.rgb;
    if (coloring == ${Coloring.Value}) color = scaled(value);
    uvec3 bytes = uvec3(color * 255.0 + 0.5);
    look = bytes.r | bytes.g << 8 | bytes.b << 16 | uint(mask) << ${MASK};
    if (value < brush.x || value > brush.y) look |= ${bit(GHOST)};
    if ((state & ${SELECTED}) != 0) look |= ${bit(LIT)};
    if ((state & ${HOVERED}) != 0) look |= ${bit(HALF_LIT)};
    bary = vec2(corner == 0, corner == 1);

    vec4 world = modelMatrix * vec4(place, 1.0);
    beyond = dot(plane.xyz, world.xyz) - plane.w; // a cut goes through the part before its solids are drawn apart
    if (apart > 0.0) world.xyz += moveOf(face);
    vec4 view = viewMatrix * world;
    viewPosition = view.xyz;
    bool left = (state & ${HIDDEN}) != 0;
    if (crinkled && !left) left = texelFetch(depths, at, 0).r > crinkle;
    gl_Position = left ? vec4(2.0, 2.0, 2.0, 1.0) : projectionMatrix * view;
  }
`;

const fragmentShader = /* glsl */ `
  precision highp float;
  precision highp int;
  in vec2 bary;
  in vec3 viewPosition;
  in float beyond;
  flat in uint look;
  uniform bool clipped;
  uniform vec3 edgeColor;
  uniform float edgeOpacity;
  uniform vec2 edgeFade;
  uniform vec3 accent;
  uniform float opacity;
  uniform bool flatColors;
  uniform float pixelRatio;
  out vec4 result;

  // Sixteen thresholds in a 4 × 4 pattern (Bayer's): see-through without sorting.
  float threshold() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    int z = p.x ^ p.y;
    int order = (z & 1) << 3 | (p.y & 1) << 2 | (z & 2) | (p.y & 2) >> 1;
    return (float(order) + 0.5) / 16.0;
  }

  void main() {
    #ifndef WHOLE
    if (clipped && beyond > 0.0) discard;
    float seen = (look & ${bit(GHOST)}) != 0u ? 0.09 : opacity;
    if (seen < threshold()) discard;
    #endif

    vec3 normal = normalize(cross(dFdx(viewPosition), dFdy(viewPosition)));
    if (normal.z < 0.0) normal = -normal;
    float key = max(dot(normal, normalize(vec3(0.35, 0.55, 0.75))), 0.0);
    float fill = max(dot(normal, normalize(vec3(-0.6, -0.1, 0.6))), 0.0);
    float away = 1.0 - max(normal.z, 0.0);
    float rim = away * away * away;
    float light = flatColors ? 0.62 + 0.3 * key + 0.12 * fill : 0.56 + 0.46 * key + 0.22 * fill;
    vec3 color = vec3(uvec3(look, look >> 8, look >> 16) & 255u) / 255.0;
    float lit = (look & ${bit(LIT)}) != 0u ? 1.0 : (look & ${bit(HALF_LIT)}) != 0u ? 0.3 : 0.0;
    vec3 shaded = color * light + vec3(0.05) * rim;
    shaded = mix(shaded, accent, 0.55 * lit);

    // Edges have the same width in pixels everywhere, and fade where triangles are smaller than that.
    if (edgeOpacity > 0.0) {
      vec3 place = vec3(bary, 1.0 - bary.x - bary.y);
      vec3 slope = fwidth(place);
      vec3 drawn = vec3(uvec3(look >> ${MASK}, look >> ${MASK + 1}, look >> ${MASK + 2}) & 1u);
      vec3 distance = place / max(slope, vec3(1e-6)) + (1.0 - drawn) * 1e3;
      float nearest = min(distance.x, min(distance.y, distance.z));
      float line = 1.0 - smoothstep(0.25 * pixelRatio, 0.95 * pixelRatio, nearest);
      float size = 1.0 / max(slope.x, max(slope.y, slope.z));
      line *= edgeOpacity * smoothstep(edgeFade.x, edgeFade.y, size / pixelRatio);
      shaded = mix(shaded, edgeColor, line);
    }
    result = vec4(shaded, 1.0);
  }
`;

/** Triangles share their vertices or do not; whole are those that nothing is left out of, nor seen through. */
export interface Manner {
  shared: boolean;
  whole?: boolean;
}

/** All that there are. */
export const MANNERS: readonly Manner[] = [{ shared: true, whole: true }, { shared: true }, { shared: false }];

/** triangleMaterial draws triangles. */
export function triangleMaterial(uniforms: Record<string, IUniform>, { shared, whole }: Manner): RawShaderMaterial {
  return new RawShaderMaterial({
    glslVersion: GLSL3,
    defines: { ...(shared && { SHARED: "" }), ...(whole && { WHOLE: "" }) },
    side: DoubleSide,
    // so that outlines on the surface are seen whole
    polygonOffset: true,
    polygonOffsetFactor: 1,
    polygonOffsetUnits: 2,
    vertexShader,
    fragmentShader,
    uniforms,
  });
}
