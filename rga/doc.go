// Package rga is a sequence CRDT for text: replicas of one document that are edited apart and end
// with the same bytes once each has every operation, in whatever order they came.
//
// Units: every offset and length is in bytes of UTF-8 text.
package rga
