// Shows /samples/peer.vtp with vtk.js, coloured by gamma, as its examples do. It reads no VTU: the same triangles stand in a VTP.
import "@kitware/vtk.js/Rendering/Profiles/Geometry";
import vtkXMLPolyDataReader from "@kitware/vtk.js/IO/XML/XMLPolyDataReader";
import vtkActor from "@kitware/vtk.js/Rendering/Core/Actor";
import vtkMapper from "@kitware/vtk.js/Rendering/Core/Mapper";
import vtkGenericRenderWindow from "@kitware/vtk.js/Rendering/Misc/GenericRenderWindow";

const view = vtkGenericRenderWindow.newInstance({ background: [0.96, 0.97, 0.98] });
view.setContainer(document.getElementById("scene"));
view.resize();

document.querySelector("button").addEventListener("click", async () => {
  const reader = vtkXMLPolyDataReader.newInstance();
  await reader.setUrl("/samples/peer.vtp", { binary: true });
  await reader.loadData();
  const mapper = vtkMapper.newInstance({ scalarVisibility: true });
  mapper.setInputConnection(reader.getOutputPort());
  mapper.setScalarModeToUseCellData();
  const actor = vtkActor.newInstance();
  actor.setMapper(mapper);
  actor.getProperty().setEdgeVisibility(true);
  view.getRenderer().addActor(actor);
  view.getRenderer().resetCamera();
  view.getRenderWindow().render();
});
