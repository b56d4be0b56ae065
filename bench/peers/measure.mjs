// node --expose-gc measure.mjs ENGINE TRACE [RUNS]
//
// Measures one engine on one trace in this process and writes one line of JSON. Medians over RUNS (3), after a run that
// warms up. An engine that is slow on a trace gets fewer runs, and what would take longest is measured on the first
// ops only: `runs` and `remote_each_ops` say so. Times are in nanoseconds a patch or in milliseconds, as named.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { load } from './engines/index.mjs'
import { readTrace } from './trace.mjs'

const slow = 3000 // ms: a replay that takes longer is not repeated
const limit = 60_000 // ms: a replay that takes longer, with what agents exchange, is given up
const budget = 4000 // ms: remote ops one by one stop here, at the latest

const [engineName, file, runsArgument = '3'] = process.argv.slice(2)
const runs = Number(runsArgument)
const engine = await load(engineName)
const trace = readTrace(file)

const clock = () => Number(process.hrtime.bigint()) / 1e6
const round = (x, digits = 3) => x === undefined ? undefined : Number(x.toFixed(digits))

function median (values) {
  const v = [...values].sort((a, b) => a - b)
  return v.length % 2 ? v[v.length >> 1] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2
}

function expectText (replica, what) {
  if (replica.text() !== trace.end) throw new Error(`wrong text after ${what}`)
}

/** Replays the trace in a replica for each agent. ms is what the edits took, without deliveries and the start content. */
function replay (emitting) {
  global.gc()
  const replicas = Array.from({ length: trace.agents }, (_, agent) => engine.create(agent))
  if (emitting) for (const r of replicas) r.emitting()
  const updates = new Array(trace.patches.length)
  const start = trace.start === '' ? null : replicas[0].edit(0, 0, trace.start)
  let ms = 0
  const all = clock()
  for (const { agent, deliver, from, to } of trace.steps) {
    if (clock() - all > limit) throw new Error(`given up after ${limit / 1000} s at patch ${from} of ${trace.patches.length}`)
    const r = replicas[agent]
    for (const [first, end] of deliver) {
      for (let i = first; i < end; i++) if (updates[i]) r.receive(updates[i])
    }
    const began = clock()
    for (let i = from; i < to; i++) {
      const p = trace.patches[i]
      updates[i] = r.edit(p[0], p[1], p[2])
    }
    ms += clock() - began
  }
  for (const r of replicas) expectText(r, emitting ? 'local edits' : 'local edits without updates')
  for (const r of replicas.slice(1)) r.free()
  const sent = updates.filter(u => u)
  return { ms, replica: replicas[0], updates: start ? [start, ...sent] : sent, startBytes: start?.length ?? 0 }
}

/** Times what make returns a replica from, runs times after one more; a slow one once. */
function timed (make, what) {
  const times = []
  for (let i = 0; i <= runs; i++) {
    global.gc()
    const began = clock()
    const replica = make()
    const text = replica.text()
    const ms = clock() - began
    if (text !== trace.end) throw new Error(`wrong text after ${what}`)
    replica.free()
    if (i > 0 || ms > slow) times.push(ms)
    if (ms > slow) break
  }
  return median(times)
}

/** Applies the updates one by one; stops early where it takes too long. */
function remoteEach (updates) {
  const times = []
  let ops = updates.length
  for (let i = 0; i <= runs; i++) {
    global.gc()
    const r = engine.create(40)
    const began = clock()
    let n = 0
    while (n < ops) {
      r.receive(updates[n++])
      if (n % 64 === 0 && clock() - began > budget) break
    }
    const ms = clock() - began
    const cut = n < updates.length
    if (!cut) expectText(r, 'remote ops')
    r.free()
    if (i > 0 || ms > slow) times.push(ms / n)
    ops = n
    if (ms > slow) break
  }
  return { remote_each_ns: round(median(times) * 1e6, 1), remote_each_ops: ops }
}

function locals (emitting) {
  const times = []
  let last
  for (let i = 0; i <= runs; i++) {
    last?.replica.free()
    last = replay(emitting)
    if (i > 0 || last.ms > slow) times.push(last.ms)
    if (last.ms > slow) break
  }
  return { last, runs: times.length, ns: round(median(times) * 1e6 / trace.patches.length, 1) }
}

/** Memory is measured in a process of its own, where nothing else was loaded before. */
function heap (encoding, bytes) {
  const script = fileURLToPath(new URL('heap.mjs', import.meta.url))
  const values = []
  for (let i = 0; i < Math.min(runs, 3); i++) {
    values.push(JSON.parse(execFileSync(process.execPath, ['--expose-gc', script, engineName, encoding], { input: bytes })))
  }
  return { heap_bytes: median(values.map(v => v.heap)), rss_bytes: median(values.map(v => v.rss)) }
}

function encodings (replica) {
  const result = {}
  for (const [name, e] of Object.entries(engine.encodings)) {
    const bytes = e.encode(replica)
    result[name] = { history: e.history, bytes: bytes.length, load_ms: round(timed(() => e.decode(bytes), `loading ${name}`)) }
  }
  return result
}

const line = { engine: engineName, version: engine.version, trace: trace.name, patches: trace.patches.length }
try {
  if (trace.agents === 1) { // several agents need each other's updates
    const silent = locals(false)
    silent.last.replica.free()
    line.local_ns = silent.ns
  }
  const emitting = locals(true)
  const { replica, updates, startBytes } = emitting.last
  line.local_emit_ns = emitting.ns
  line.runs = emitting.runs
  if (updates.length < trace.patches.length) line.updates = updates.length
  line.op_bytes_total = updates.reduce((sum, u) => sum + u.length, -startBytes)
  line.op_bytes_avg = round(line.op_bytes_total / trace.patches.length, 2)
  line.encodings = encodings(replica)
  const whole = engine.whole(replica, updates)
  line.whole_ms = round(timed(() => engine.mergeWhole(whole), 'merging the whole history'))
  const [name, encoding] = Object.entries(engine.encodings)[0]
  Object.assign(line, heap(name, encoding.encode(replica)))
  Object.assign(line, remoteEach(updates))
  line.end_content_ok = true
} catch (e) {
  line.error = String(e.message ?? e)
}
if (trace.replaced > 0) line.replaced = trace.replaced
console.log(JSON.stringify(line))
