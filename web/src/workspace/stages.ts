/** What is being done to a mesh, as a person would say it. */
export const STAGES: Record<string, string> = {
  fetch: "Fetching the file",
  import: "Reading the part",
  heal: "Mending the part",
  mesh1d: "Dividing the edges",
  mesh2d: "Meshing the faces",
  mesh3d: "Filling the solids",
  optimize: "Improving the elements",
  quality: "Checking the mesh",
  export: "Writing the files",
  upload: "Storing the files",
};
