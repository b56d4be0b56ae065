// The engine's targets, as ratios to what was measured on the same trace in the same run.

/** What dominates a figure, for those that are missed. By key of verdicts. */
const dominates = {
  local: 'Typing on and backspacing take few steps; what jumps and pastes splits leaves, tells the id index, and makes ops. Of that, ' +
    'finding and checking the place, the tree with its index, and the log with writing the op take about a quarter each, and growing arrays ' +
    'with the garbage collection that this brings the rest.',
  floor: 'The gap buffer only moves bytes, and does so in less time than one op takes to be written. The target was made when it was slower.',
  each: 'Decoding and judging a chunk take about a fifth, finding elements through the id index and setting visibility a quarter, splitting ' +
    'leaves and telling the index a tenth, and growing arrays with the garbage collection that this brings a fifth. Typing on takes few steps.',
  whole: 'The same as loading, without decompression.',
  history: 'Two thirds of a document are text; then places, lengths and kinds of ops.',
  load: 'Reading the columns takes somewhat more than a quarter, putting the elements into order and their text into place a third, the tree ' +
    'with its index an eighth, and decompression a tenth; the whole history is read. loro loads a snapshot of the state and leaves the history for later.',
  heap: 'The text with what was deleted of it, a byte each; then spans (16 bytes), what authors had seen of each other (28 bytes each time), ' +
    'the log (about 5 bytes an op). yjs lets go of deleted text.',
  op: 'The inserted text itself.',
  place: 'The sibling is found by the least Lamport times of nodes; applying a batch that stands alone, with its checksum, is most of it.'
}

const best = (rows, key) => rows.filter(r => typeof r[key] === 'number').sort((a, b) => a[key] - b[key])[0]

/** verdicts lists what was reached and what was not: {trace, what, value, limit, against, digits, why}. */
export function verdicts (traces, onePlace) {
  const list = []
  for (const t of traces) {
    const peers = t.peers.filter(p => !p.error)
    const add = (what, key, ratio, row, peerKey = key, digits = 0, why = dominates[key]) => {
      if (row === undefined || typeof row[peerKey] !== 'number') return
      list.push({
        trace: t.name,
        what,
        value: t.coedit[key],
        limit: ratio * row[peerKey],
        against: `${ratio} × ${row.name}`,
        digits,
        why
      })
    }
    add('local edit, ns', 'local', 0.1, best(peers, 'local'))
    add('local edit, ns, against not emitting', 'local', 0.5, best(peers, 'silent'), 'silent')
    add('local edit, ns, against no CRDT', 'local', 4, { name: 'gap buffer', local: t.floor }, 'local', 0, dominates.floor)
    add('remote op, ns', 'each', 0.13, best(peers, 'each'))
    add('whole history, ms', 'whole', 0.8, best(peers, 'whole'), 'whole', 2)
    add('document with history, bytes', 'history', 0.75, best(peers, 'history'))
    add('load, ms', 'load', 0.6, peers.find(p => p.name === 'diamond-types'), 'load', 2)
    add('load, ms, against the fastest', 'load', 1, best(peers, 'load'), 'load', 2)
    add('heap, bytes', 'heap', 0.2, peers.find(p => p.name === 'yjs'))
    if (t.name === 'automerge-paper') {
      list.push({ trace: t.name, what: 'op, bytes', value: t.coedit.op, limit: 3, against: '3', digits: 2, why: dominates.op })
    }
  }
  const ratios = list.filter(v => v.what === 'document with history, bytes').map(v => v.value / (v.limit / 0.75))
  if (ratios.length > 0) {
    const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length)
    list.push({ trace: 'all', what: 'document with history, geometric mean of ratios', value: mean, limit: 0.62, against: '0.62', digits: 3, why: dominates.history })
  }
  for (const [name, ns] of onePlace) {
    list.push({ trace: '-', what: `insertion at one place, ns (${name.split('/').at(-1).replaceAll('_', ' ')})`, value: ns, limit: 1000, against: '1,000', digits: 0, why: dominates.place })
  }
  return list
}
