package api

// Audited is for tests.
var Audited = audited
