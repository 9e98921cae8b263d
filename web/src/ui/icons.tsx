/** The pictures on buttons: strokes of one width on a grid of 20. */
const PATHS = {
  upload: "M10 13V4m0 0L6.5 7.5M10 4l3.5 3.5M4 13v2.5h12V13",
  download: "M10 4v9m0 0-3.5-3.5M10 13l3.5-3.5M4 14v2h12v-2",
  moon: "M15.5 12A6.5 6.5 0 0 1 8 4.5a6.5 6.5 0 1 0 7.5 7.5Z",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.5 4.5l1 1M14.5 14.5l1 1M15.5 4.5l-1 1M5.5 14.5l-1 1",
  fit: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  cube: "M10 3l6 3.4v7.2L10 17l-6-3.4V6.4L10 3ZM4 6.4l6 3.4 6-3.4M10 9.8V17",
  edges: "M4 16 10 4l6 12H4Zm3-6h6M7 10l3 6 3-6",
  cut: "M4 4h7v12H4zM11 4l5 2.5v7L11 16",
  xray: "M10 3l6 3.4v7.2L10 17l-6-3.4V6.4L10 3ZM7 10h6M10 7v6",
  camera: "M4 7h3l1-2h4l1 2h3v9H4zM10 9a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.7-.9 1.4v.3M10 14.5v.2M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z",
  close: "M5 5l10 10M15 5 5 15",
  check: "M4.5 10.5 8 14l7.5-8",
  alert: "M10 3 17.5 16h-15L10 3Zm0 5v4m0 2v.2",
  stop: "M6 6h8v8H6z",
  copy: "M7 7V4h9v9h-3M4 7h9v9H4z",
  plus: "M10 4v12M4 10h12",
  trash: "M5 6h10M8 6V4h4v2M6 6l.7 10h6.6L14 6",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  link: "M8.5 11.5l3-3M7 10l-1.5 1.5a2.5 2.5 0 0 0 3.5 3.5L10.5 13.5M9.5 6.5 11 5a2.5 2.5 0 0 1 3.5 3.5L13 10",
  swap: "M4 7h11m0 0-3-3m3 3-3 3M16 13H5m0 0 3-3m-3 3 3 3",
  compare: "M3.5 4.5h5.5v11H3.5zM11 4.5h5.5v11H11z",
  chevron: "M8 5l5 5-5 5",
  eye: "M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5ZM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  eyeOff:
    "M4 4l12 12M8.2 5.3A7 7 0 0 1 10 5c4.5 0 7.5 5 7.5 5a13 13 0 0 1-2.2 2.6M5 7a13 13 0 0 0-2.5 3s3 5 7.5 5a7 7 0 0 0 2.700-.5",
  ruler: "M2.5 13.5 13.5 2.5l4 4-11 11zM5.2 10.8 7 12.6M8 8l2.5 2.5M10.8 5.2 12.6 7",
  only: "M10 3v3M10 14v3M3 10h3M14 10h3M10 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  tree: "M4 4h5M4 4v12h4M4 10h4M11 10h5M11 16h5M11 4h5",
  explode: "M7.5 7.5h5v5h-5zM3 6V3h3M14 3h3v3M17 14v3h-3M6 17H3v-3",
  perspective: "M3 5l14 3v4L3 15zM10 6.5v7",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
