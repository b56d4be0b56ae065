// The engine's targets, as ratios to what was measured on the same trace in the same run.

const best = (rows, key) => rows.filter(r => typeof r[key] === 'number').sort((a, b) => a[key] - b[key])[0]

/** verdicts lists what was reached and what was not: {trace, what, value, limit, against, digits}. */
export function verdicts (traces, onePlace) {
  const list = []
  for (const t of traces) {
    const peers = t.peers.filter(p => !p.error)
    const add = (what, key, ratio, row, peerKey = key, digits = 0) => {
      if (row === undefined || typeof row[peerKey] !== 'number') return
      list.push({
        trace: t.name,
        what,
        value: t.coedit[key],
        limit: ratio * row[peerKey],
        against: `${ratio} × ${row.name}`,
        digits
      })
    }
    add('local edit, ns', 'local', 0.1, best(peers, 'local'))
    add('local edit, ns, against not emitting', 'local', 0.5, best(peers, 'silent'), 'silent')
    add('local edit, ns, against no CRDT', 'local', 4, { name: 'gap buffer', local: t.floor })
    add('remote op, ns', 'each', 0.13, best(peers, 'each'))
    add('whole history, ms', 'whole', 0.8, best(peers, 'whole'), 'whole', 2)
    add('document with history, bytes', 'history', 0.75, best(peers, 'history'))
    add('load, ms', 'load', 0.6, peers.find(p => p.name === 'diamond-types'), 'load', 2)
    add('load, ms, against the fastest', 'load', 1, best(peers, 'load'), 'load', 2)
    add('heap, bytes', 'heap', 0.2, peers.find(p => p.name === 'yjs'))
    if (t.name === 'automerge-paper') {
      list.push({ trace: t.name, what: 'op, bytes', value: t.coedit.op, limit: 3, against: '3', digits: 2 })
    }
  }
  const ratios = list.filter(v => v.what === 'document with history, bytes').map(v => v.value / (v.limit / 0.75))
  if (ratios.length > 0) {
    const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length)
    list.push({ trace: 'all', what: 'document with history, geometric mean of ratios', value: mean, limit: 0.62, against: '0.62', digits: 3 })
  }
  for (const [name, ns] of onePlace) {
    list.push({ trace: '-', what: `insertion at one place, ns (${name.split('/').at(-1).replaceAll('_', ' ')})`, value: ns, limit: 1000, against: '1,000', digits: 0 })
  }
  return list
}
