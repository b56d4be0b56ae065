// Package demo plays a session that a stranger can watch: a relay on loopback, a real file, and simulated partners who
// type as people do, edit the same lines, slip and take it back, select, move and undo.
//
// With a screen, [OpenRoom] gives the relay, [Room.Host] the participant for the person, and [Partners] the company.
// Without one, [Run] plays the whole session by itself, takes one partner offline in the middle while everybody types on, and
// returns a [Summary]: whether all replicas and the saved file hold the same bytes, and how long a key took to reach the others.
//
// The partners are real participants, each with its own replica, connection and goroutine; only their fingers are simulated.
// What they do comes from a seed and from what they find; when they do it is real time, so two runs of a seed may
// interleave in different ways and end with different texts. All replicas of one run end with the same.
package demo
