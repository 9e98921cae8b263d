package queue

// keys makes every name that this package uses in Redis.
type keys struct{ prefix string }

// bells is the stream of the doorbell.
func (k keys) bells() string { return k.prefix + "bells" }

// bellsOf is the stream of the bells for one worker.
func (k keys) bellsOf(worker string) string { return k.prefix + "bells:" + worker }

// events is the stream of a subject's events, and the channel that they are also published on.
func (k keys) events(subject string) string { return k.prefix + "events:" + subject }

// tenantEvents is the stream, and the channel, of a tenant's events: those of all its subjects, logs excepted.
func (k keys) tenantEvents(tenant string) string { return k.prefix + "tenant:" + tenant }

// control is the channel of commands to workers.
func (k keys) control() string { return k.prefix + "control" }

// workers is the sorted set of worker ids by the time, in ms, at which their report expires.
func (k keys) workers() string { return k.prefix + "workers" }

// worker is what a worker last reported.
func (k keys) worker(id string) string { return k.prefix + "worker:" + id }

// Names inside the streams.
const (
	// group reads the bells. Its consumers share one name, since nothing is pending with NOACK, and a name for each
	// worker that ever was would pile up.
	group    = "workers"
	consumer = "worker"

	fieldJob         = "job"
	fieldTraceparent = "traceparent"

	fieldPrevious = "previous" // id
	fieldType     = "type"
	fieldAt       = "at" // ms since 1970
	fieldSubject  = "subject"
	fieldData     = "data" // JSON
)
