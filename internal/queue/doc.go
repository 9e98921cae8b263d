// Package queue uses Redis as a doorbell, an event bus and a control channel. It holds no truth: Postgres does, and Redis
// may lose everything at any time. What a lost key costs is said beside each part.
//
//	api ──Ring──▶ stream bells ──XREADGROUP, NOACK──▶ Listener.Next (one worker wakes)
//	              a lost bell is rung again by the reconciler, and Next ticks every few seconds anyway
//
//	worker ──Publish──▶ stream events:{subject}  ──XRANGE──▶ Follower (replay, gaps)
//	         one script │ ids +1 per event, 24 h   │
//	                    ├▶ stream tenant:{tenant}  │         all events of a tenant but logs
//	                    └▶ PUBLISH, same names ────┴───────▶ Hub, one connection per process ──▶ its Followers
//	              a lost stream begins anew with larger ids; its followers are told of the gap
//
//	api ──PublishCancel──▶ pub/sub control ──▶ Controls in each worker
//	              a lost message is learnt by the next heartbeat
//
//	worker ──SetWorker──▶ keys worker:{id} with expiry, indexed by a sorted set ──▶ Workers
//
// # Event ids
//
// The ids of a subject are consecutive integers, so that a gap can be seen. The first id of a stream is the time of its
// making in microseconds since 1970: a stream that was lost and begins again has larger ids than before, unless its subject
// had more than a million events a second. They stay below 2^53, so that JavaScript can hold them, until the year 2255.
//
// # Servers
//
// Redis 7 or newer, one primary; the scripts touch several keys, so Redis Cluster is not supported. Check says whether a
// server keeps what it is given (persistence, no eviction).
package queue
