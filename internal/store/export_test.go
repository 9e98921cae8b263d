package store

// Statements that run again and again beside whatever waits.
var (
	TakeDeliveries  = takeDeliveries
	DeliverySweeps  = deliverySweeps
	RowsSweptAtOnce = sweepAtOnce
)
