// Package webhooks tells whoever asked to be told (in the request, or by an endpoint) that a mesh or batch has ended, as Standard Webhooks
// has it (standardwebhooks.com).
//
//	job ends ──trigger──▶ webhook_deliveries ──▶ Sender ──▶ POST, signed ──▶ 2xx: delivered
//	                              ▲                             │
//	                              └── later and later, for days ┘ else; at last: dead, until somebody sends it again
//
// What is to be told is written in the commit that ends the job, so it is told at least once, whatever dies; the receiver knows a
// repetition by the header webhook-id. The address is a stranger's: what it resolves to must be of the public internet (Guard), no
// redirect is followed, and nothing of the answer is kept but its status.
package webhooks
