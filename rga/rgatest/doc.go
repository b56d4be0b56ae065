// Package rgatest tries out package rga: random editors over a network that loses, doubles and
// reorders what it carries and falls apart into islands. A run is a function of its seed.
//
// After each step every document's own check, and the text that the reported changes add up to, are
// verified; at the end, when everything has been delivered, all documents must be the same: text,
// version, metadata, encoding.
package rgatest
