// Package queue uses Redis as a doorbell, an event bus and a control channel. It holds no truth: Postgres does, and Redis
// may lose everything at any time. What a lost key costs is said beside each part.
//
//	api ──Ring──▶ stream bells ──XREADGROUP, NOACK──▶ Listener.Next (one worker wakes)
//	              a lost bell is rung again by the reconciler, and Next ticks every few seconds anyway
//
//	worker ──Publish──▶ stream events:{subject}  ──XRANGE──▶ Follower (replay, gaps)
//	         one script │ ids ascend, kept 24 h    │
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
// The id of an event is the time of its publication in microseconds since 1970, or one more than that of the event before it
// in the stream if that is later. Each event names the one before it, so that a gap can be seen. An id is never given twice:
// a Redis that was killed may come back without the last events, or without the stream, and what is published then has ids
// of its own. They stay below 2^53, so that JavaScript can hold them, until the year 2255.
//
// # Servers
//
// Redis 7 or newer, one primary; the scripts touch several keys, so Redis Cluster is not supported. Check says whether a
// server keeps what it is given (persistence, no eviction).
package queue
