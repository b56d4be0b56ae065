// Package tracebench replays recorded editing against [coedit/rga] and measures it.
//
// A trace is what people typed, keystroke by keystroke. Two formats are read, as JSON or gzipped JSON:
//
//   - sequential: {startContent, endContent, txns: [{time, patches: [[pos, deleted, inserted], ...]}]}, patches applied one
//     after the other;
//   - concurrent: {kind: "concurrent", numAgents, endContent, txns: [{parents: [index, ...], agent, time, patches}]}, where
//     a transaction starts from the merge of its parents' results. One agent's own transactions are totally ordered.
//
// Positions and lengths of a trace count Unicode code points. They become byte edits before anything is measured
// ([Prepare]), so that the figures are the engine's alone.
//
// # What is measured
//
// Every figure is a median over the runs; a first run warms up and is thrown away. Times are in milliseconds unless the
// name says otherwise, sizes in bytes.
//
//   - Local: every patch is one edit of its author's replica, followed by the encoding of its chunk of the author's stream,
//     appended to a log of bytes that is kept. What authors receive from each other in a concurrent trace is not in this figure.
//   - Remote, each: the chunks of that log applied one by one to an empty replica, in the trace's order.
//   - Remote, whole: the encoded document with its whole history merged into an empty replica, until its text is ready.
//   - Document: the encoded document with its whole history, plain and with its sections compressed by zstd at the best level.
//   - Load: the compressed document decoded, and its text made.
//   - Heap: what stays reachable of a loaded document after a garbage collection.
//
// A time of day is part of the history only where [Options.Times] asks for it: other engines that one would compare with
// keep none.
//
// The text is compared with the trace's endContent after each kind of replay, in every replica. That a report says so
// (end_content_ok) means that local edits, single chunks, the merged history and the loaded document all ended there.
//
// What this package does not promise: figures that compare across machines or runs. Compare ratios of one run.
package tracebench
