import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'

// The engines count UTF-16 units or code points. Both are one thing where no character lies beyond the basic plane, so
// those that do are replaced; `replaced` says how many patches that changed.
const beyond = /[\u{10000}-\u{10ffff}]/gu

/** Reads a trace and plans its replay: `patches` in order, and `steps`, stretches of one agent's patches before which
 * it receives others' patches (the ranges in `deliver`). A sequential trace is one step. */
export function readTrace (file) {
  const bytes = fs.readFileSync(file)
  const t = JSON.parse(bytes[0] === 0x1f && bytes[1] === 0x8b ? zlib.gunzipSync(bytes) : bytes)
  const plan = {
    name: path.basename(file).replace(/\.gz$/, '').replace(/\.json$/, ''),
    agents: t.kind === 'concurrent' ? t.numAgents : 1,
    start: (t.startContent ?? '').replace(beyond, '\ufffd'),
    end: t.endContent.replace(beyond, '\ufffd'),
    patches: [],
    steps: [],
    replaced: 0
  }
  const first = [] // of each transaction, the first of its patches
  for (const txn of t.txns) {
    first.push(plan.patches.length)
    for (const [pos, deleted, inserted] of txn.patches) {
      const plain = inserted.replace(beyond, '\ufffd')
      if (plain !== inserted) plan.replaced++
      plan.patches.push([pos, deleted, plain])
    }
  }
  first.push(plan.patches.length)
  if (t.kind === 'concurrent') planDeliveries(plan, t.txns, first)
  else plan.steps.push({ agent: 0, deliver: [], from: 0, to: plan.patches.length })
  return plan
}

function planDeliveries (plan, txns, first) {
  const have = Array.from({ length: plan.agents }, () => new Uint8Array(txns.length))
  const receive = (agent, heads) => {
    const missing = []
    const stack = [...heads]
    while (stack.length > 0) {
      const i = stack.pop()
      if (have[agent][i]) continue
      have[agent][i] = 1
      missing.push(i)
      stack.push(...txns[i].parents)
    }
    missing.sort((a, b) => a - b)
    return missing.map(i => [first[i], first[i + 1]])
  }
  txns.forEach((txn, i) => {
    const deliver = receive(txn.agent, txn.parents)
    have[txn.agent][i] = 1
    const last = plan.steps.at(-1)
    if (last?.agent === txn.agent && deliver.length === 0) last.to = first[i + 1]
    else plan.steps.push({ agent: txn.agent, deliver, from: first[i], to: first[i + 1] })
  })
  const end = plan.patches.length
  for (let agent = 0; agent < plan.agents; agent++) {
    const deliver = receive(agent, txns.keys())
    plan.steps.push({ agent, deliver, from: end, to: end })
  }
}
