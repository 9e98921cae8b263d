package gmsh

/*
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import (
	"math"
	"unsafe"
)

// AddModel adds an empty model and makes it current.
func AddModel(name string) error {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var code C.int
	C.gmshModelAdd(cname, &code)
	return check("model.add", code)
}

// SetCurrentModel makes the model of a name current.
func SetCurrentModel(name string) error {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var code C.int
	C.gmshModelSetCurrent(cname, &code)
	return check("model.setCurrent", code)
}

// Models returns the names of all models.
func Models() ([]string, error) {
	var names **C.char
	var n C.size_t
	var code C.int
	C.gmshModelList(&names, &n, &code)
	var out []string
	if names != nil {
		for _, name := range unsafe.Slice(names, n) {
			out = append(out, takeString(name))
		}
		C.gmshFree(unsafe.Pointer(names))
	}
	return out, check("model.list", code)
}

// Entities returns the entities of a dimension; of all where dim is negative.
func Entities(dim int) ([]DimTag, error) {
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelGetEntities(&first, &n, C.int(dim), &code)
	return takeDimTags(first, n), check("model.getEntities", code)
}

// RemoveModel removes the current model; the one before it becomes current.
func RemoveModel() error {
	var code C.int
	C.gmshModelRemove(&code)
	return check("model.remove", code)
}

// SetEntityName names an entity.
func SetEntityName(e DimTag, name string) error {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var code C.int
	C.gmshModelSetEntityName(C.int(e.Dim), C.int(e.Tag), cname, &code)
	return check("model.setEntityName", code)
}

// EntityName returns the name of an entity, empty where it has none. STEP files name by path, "Shapes/part/solid".
func EntityName(e DimTag) (string, error) {
	var name *C.char
	var code C.int
	C.gmshModelGetEntityName(C.int(e.Dim), C.int(e.Tag), &name, &code)
	return takeString(name), check("model.getEntityName", code)
}

// Color returns the colour of an entity. Alpha 0 means that the file gave none.
func Color(e DimTag) (r, g, b, a uint8, err error) {
	var cr, cg, cb, ca, code C.int
	C.gmshModelGetColor(C.int(e.Dim), C.int(e.Tag), &cr, &cg, &cb, &ca, &code)
	return uint8(cr), uint8(cg), uint8(cb), uint8(ca), check("model.getColor", code)
}

// AddPhysicalGroup groups entities of one dimension under a name and returns the group's number: tag, or a free one where
// tag is negative.
func AddPhysicalGroup(dim int, tags []int, tag int, name string) (int, error) {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	first, n := ints(tags)
	var code C.int
	group := C.gmshModelAddPhysicalGroup(C.int(dim), first, n, C.int(tag), cname, &code)
	return int(group), check("model.addPhysicalGroup", code)
}

// PhysicalGroups returns the physical groups of every dimension.
func PhysicalGroups() ([]DimTag, error) {
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelGetPhysicalGroups(&first, &n, -1, &code)
	return takeDimTags(first, n), check("model.getPhysicalGroups", code)
}

// PhysicalGroup returns the name of a physical group, empty where it has none, and the tags of its entities.
func PhysicalGroup(g DimTag) (name string, entities []int, err error) {
	var text *C.char
	var code C.int
	C.gmshModelGetPhysicalName(C.int(g.Dim), C.int(g.Tag), &text, &code)
	name = takeString(text)
	if err := check("model.getPhysicalName", code); err != nil {
		return name, nil, err
	}
	var first *C.int
	var n C.size_t
	C.gmshModelGetEntitiesForPhysicalGroup(C.int(g.Dim), C.int(g.Tag), &first, &n, &code)
	return name, takeInts(first, n), check("model.getEntitiesForPhysicalGroup", code)
}

// RemovePhysicalGroups removes every physical group and its name.
func RemovePhysicalGroups() error {
	groups, err := PhysicalGroups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		var text *C.char
		var code C.int
		C.gmshModelGetPhysicalName(C.int(g.Dim), C.int(g.Tag), &text, &code)
		if name := takeString(text); name != "" {
			cname := C.CString(name)
			C.gmshModelRemovePhysicalName(cname, &code)
			C.free(unsafe.Pointer(cname))
			if err := check("model.removePhysicalName", code); err != nil {
				return err
			}
		}
	}
	var code C.int
	C.gmshModelRemovePhysicalGroups(nil, 0, &code)
	return check("model.removePhysicalGroups", code)
}

// Boundary returns the entities that bound others, one dimension below. Combined leaves out what two of them share, so
// that the combined boundary of a closed shell is empty.
func Boundary(of []DimTag, combined bool) ([]DimTag, error) {
	in, nin := dimTags(of)
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelGetBoundary(in, nin, &first, &n, boolean(combined), 0, 0, &code)
	return takeDimTags(first, n), check("model.getBoundary", code)
}

// Adjacencies returns the tags of the entities one dimension above and one below that touch e.
func Adjacencies(e DimTag) (up, down []int, err error) {
	var ups, downs *C.int
	var nup, ndown C.size_t
	var code C.int
	C.gmshModelGetAdjacencies(C.int(e.Dim), C.int(e.Tag), &ups, &nup, &downs, &ndown, &code)
	return takeInts(ups, nup), takeInts(downs, ndown), check("model.getAdjacencies", code)
}

// SetVisibility shows or hides entities, and not what bounds them. With Mesh.MeshOnlyVisible, hidden curves and faces keep their
// mesh or have none.
func SetVisibility(visible bool, entities ...DimTag) error {
	first, n := dimTags(entities)
	var code C.int
	C.gmshModelSetVisibility(first, n, boolean(visible), 0, &code)
	return check("model.setVisibility", code)
}

// BoundingBox returns the box around an entity, around the whole model for DimTag{-1, -1}. On curved faces it may be some
// per cent too large.
func BoundingBox(e DimTag) (low, high [3]float64, err error) {
	var code C.int
	lo, hi := (*[3]C.double)(unsafe.Pointer(&low)), (*[3]C.double)(unsafe.Pointer(&high))
	C.gmshModelGetBoundingBox(C.int(e.Dim), C.int(e.Tag), &lo[0], &lo[1], &lo[2], &hi[0], &hi[1], &hi[2], &code)
	return low, high, check("model.getBoundingBox", code)
}

// Point returns the place on a point, curve or face at its parametric coordinates: none, one or two of them.
func Point(e DimTag, parameters ...float64) ([3]float64, error) {
	var in *C.double
	if len(parameters) > 0 {
		in = (*C.double)(unsafe.Pointer(&parameters[0]))
	}
	var first *C.double
	var n C.size_t
	var code C.int
	C.gmshModelGetValue(C.int(e.Dim), C.int(e.Tag), in, C.size_t(len(parameters)), &first, &n, &code)
	values := doubles(first, n)
	defer values.Free()
	var p [3]float64
	copy(p[:], values.View())
	return p, check("model.getValue", code)
}

// Parameters returns the parametric coordinates of places on a curve or face, three coordinates each: one or two a place.
func Parameters(e DimTag, places []float64) ([]float64, error) {
	if len(places) == 0 {
		return nil, nil
	}
	var first *C.double
	var n C.size_t
	var code C.int
	C.gmshModelGetParametrization(C.int(e.Dim), C.int(e.Tag), (*C.double)(unsafe.Pointer(&places[0])), C.size_t(len(places)),
		&first, &n, &code)
	values := doubles(first, n)
	defer values.Free()
	return append([]float64(nil), values.View()...), check("model.getParametrization", code)
}

// ParametersOnFace returns the two parametric coordinates on a face of places on a curve around it, which are given by the parameter of
// the curve.
func ParametersOnFace(curve int, parameters []float64, face int) ([]float64, error) {
	if len(parameters) == 0 {
		return nil, nil
	}
	var first *C.double
	var n C.size_t
	var code C.int
	C.gmshModelReparametrizeOnSurface(1, C.int(curve), (*C.double)(unsafe.Pointer(&parameters[0])), C.size_t(len(parameters)), C.int(face),
		&first, &n, 0, &code)
	values := doubles(first, n)
	defer values.Free()
	return append([]float64(nil), values.View()...), check("model.reparametrizeOnSurface", code)
}

// ParameterBounds returns the range of each parametric coordinate of a curve or face.
func ParameterBounds(e DimTag) (low, high []float64, err error) {
	var lo, hi *C.double
	var nlo, nhi C.size_t
	var code C.int
	C.gmshModelGetParametrizationBounds(C.int(e.Dim), C.int(e.Tag), &lo, &nlo, &hi, &nhi, &code)
	los, his := doubles(lo, nlo), doubles(hi, nhi)
	defer los.Free()
	defer his.Free()
	return append(low, los.View()...), append(high, his.View()...), check("model.getParametrizationBounds", code)
}

// Inside reports how many of the parametric coordinates (one or two a place) lie within a curve or a trimmed face.
func Inside(e DimTag, parameters ...float64) (int, error) {
	var code C.int
	n := C.gmshModelIsInside(C.int(e.Dim), C.int(e.Tag), (*C.double)(unsafe.Pointer(&parameters[0])),
		C.size_t(len(parameters)), 1, &code)
	return int(n), check("model.isInside", code)
}

// Contains reports whether a place lies within a solid.
func Contains(solid DimTag, place [3]float64) (bool, error) {
	var code C.int
	n := C.gmshModelIsInside(C.int(solid.Dim), C.int(solid.Tag), (*C.double)(unsafe.Pointer(&place[0])), 3, 0, &code)
	return n == 1, check("model.isInside", code)
}

// ClosestPoint projects a place onto a curve or face, as if it went on to the bounds of its parameters. It returns the point
// and its parametric coordinates.
func ClosestPoint(e DimTag, place [3]float64) (point [3]float64, parameters []float64, err error) {
	var p, u *C.double
	var np, nu C.size_t
	var code C.int
	C.gmshModelGetClosestPoint(C.int(e.Dim), C.int(e.Tag), (*C.double)(unsafe.Pointer(&place[0])), 3, &p, &np, &u, &nu, &code)
	points, coordinates := doubles(p, np), doubles(u, nu)
	defer points.Free()
	defer coordinates.Free()
	copy(point[:], points.View())
	return point, append(parameters, coordinates.View()...), check("model.getClosestPoint", code)
}

// Curvatures returns the absolute value of the larger principal curvature of a face at some places, by their two parametric
// coordinates each.
func Curvatures(face int, parameters []float64) ([]float64, error) {
	if len(parameters) == 0 {
		return nil, nil
	}
	var most, least, mostWay, leastWay *C.double
	var n, nLeast, nMostWay, nLeastWay C.size_t
	var code C.int
	C.gmshModelGetPrincipalCurvatures(C.int(face), (*C.double)(unsafe.Pointer(&parameters[0])), C.size_t(len(parameters)),
		&most, &n, &least, &nLeast, &mostWay, &nMostWay, &leastWay, &nLeastWay, &code)
	one, other := doubles(most, n), doubles(least, nLeast) // with a sign, and not in order
	defer one.Free()
	defer other.Free()
	defer doubles(mostWay, nMostWay).Free()
	defer doubles(leastWay, nLeastWay).Free()
	var out []float64
	for i, c := range one.View()[:min(n, nLeast)] {
		out = append(out, max(math.Abs(c), math.Abs(other.View()[i])))
	}
	return out, check("model.getPrincipalCurvatures", code)
}

// Kind returns what sort of curve or surface an entity is, such as "Plane" or "BSpline".
func Kind(e DimTag) (string, error) {
	var name *C.char
	var code C.int
	C.gmshModelGetType(C.int(e.Dim), C.int(e.Tag), &name, &code)
	return takeString(name), check("model.getType", code)
}

// AddDiscreteEntity adds an entity that is defined by its mesh, and returns its tag. Boundary lists the tags of the
// entities around it.
func AddDiscreteEntity(dim int, boundary []int) (int, error) {
	first, n := ints(boundary)
	var code C.int
	tag := C.gmshModelAddDiscreteEntity(C.int(dim), -1, first, n, &code)
	return int(tag), check("model.addDiscreteEntity", code)
}

// AddDiscrete adds an entity that is defined by its mesh, with a tag that is free, and nothing around it.
func AddDiscrete(e DimTag) error {
	var code C.int
	C.gmshModelAddDiscreteEntity(C.int(e.Dim), C.int(e.Tag), nil, 0, &code)
	return check("model.addDiscreteEntity", code)
}
