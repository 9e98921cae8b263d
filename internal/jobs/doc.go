// Package jobs is the state machine of the work: enqueue, claim, heartbeat, finish, cancel, release, reconcile.
//
//	           Enqueue                 Claim                    Succeed
//	(nothing) ─────────▶  queued  ───────────────▶  running  ─────────────▶ succeeded
//	                       │  ▲                      │ │  │ Fail
//	                Cancel │  └──── Release ─────────┘ │  └───────────────▶ failed
//	                       │  └──── lost lease ◀───────┤    lost lease, attempts used up ▶ failed
//	                       ▼                           │ Cancel
//	                    canceled ◀─────────────────────┘
//
// Postgres decides (package store); Redis only makes it quick (package queue): after every commit the doorbell is rung
// or an event published, and if Redis is away that is logged and nothing more. Reconcile, which every process runs and
// one at a time performs, rings again and takes back the jobs of workers that died.
//
// # The fence
//
// A claim is named by the job, its attempt number and a random token. Every statement about a running job carries all
// three in its WHERE clause, so a worker that was given up for dead, and comes back, changes nothing: it gets ErrFenced
// and drops what it has. The token matters in one case only: claims commit without waiting for the disk, so a crashed
// Postgres may forget one and hand out the same attempt number again.
//
// A running job that is canceled is final at once; its worker learns of it by a control message in about a millisecond,
// or by its next heartbeat.
package jobs
