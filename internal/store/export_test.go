package store

// Statements that run again and again beside whatever waits.
var (
	TakeDeliveries  = takeDeliveries
	DeliverySweeps  = deliverySweeps
	RowsSweptAtOnce = sweepAtOnce
)

// Statements of each request.
var (
	CreateQuery    = createQuery
	FollowedQuery  = followedQuery
	ForgetQuery    = forgetQuery
	MeshFilesQuery = meshFilesQuery
	ResultQuery    = resultQuery
	ShareQuery     = shareQuery
)
