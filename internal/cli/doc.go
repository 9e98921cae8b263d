// Package cli is the command line of Meshgen.
//
//	meshgen mesh part.step -o part.msh      here: pool ──▶ one engine, the same ladder as a worker's
//	meshgen submit part.step -o part.msh    there: client ──▶ API
//
// What is asked for goes to standard output: a summary or table for people, or JSON with --json. Everything else, which is
// progress, warnings and errors, goes to standard error. A progress bar is drawn on a terminal only; elsewhere each stage is a
// line.
//
// Every error leaves through finish, which tells it once, in words and with what to do about it, and turns it into one of
// the documented exit codes. Files appear whole or not at all.
package cli
