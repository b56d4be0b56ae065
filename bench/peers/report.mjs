// node report.mjs FOLDER
//
// Makes docs/BENCHMARKS.md of what bench/run.sh measured: coedit.jsonl, times.jsonl, peers.jsonl, floor.txt.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { verdicts } from './targets.mjs'

const folder = process.argv[2]
const read = name => fs.readFileSync(path.join(folder, name), 'utf8')
const lines = name => read(name).split('\n').filter(l => l !== '').map(l => JSON.parse(l))

function median (values) {
  const v = values.filter(x => typeof x === 'number').sort((a, b) => a - b)
  if (v.length === 0) return undefined
  return v.length % 2 ? v[v.length >> 1] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2
}

/** Joins the rounds: the median of every number, also of those inside an object. */
function join (rounds) {
  const result = { ...rounds[0] }
  for (const [key, value] of Object.entries(result)) {
    if (typeof value === 'number') result[key] = median(rounds.map(r => r[key]))
    else if (value !== null && typeof value === 'object') result[key] = join(rounds.map(r => r[key]))
  }
  return result
}

function grouped (list, key) {
  const groups = new Map()
  for (const x of list) groups.set(key(x), [...(groups.get(key(x)) ?? []), x])
  return groups
}

/** Every engine's row of one trace has the same names: local, silent, each, whole, history, plain, load, op, heap. */
function coeditRow (r) {
  return {
    name: 'coedit',
    local: r.local_ns_per_patch,
    each: r.remote_each_ms * 1e6 / r.patches,
    whole: r.remote_whole_ms,
    history: r.doc_zstd_bytes,
    historyName: 'zstd',
    load: r.load_ms,
    op: r.op_bytes_avg,
    heap: r.heap_bytes,
    ok: r.end_content_ok
  }
}

function peerRow (rounds) {
  const failed = rounds.find(r => r.error)
  if (failed) return { name: failed.engine, error: failed.error }
  const r = join(rounds)
  const encodings = Object.entries(r.encodings)
  const smallest = history => encodings.filter(([, e]) => e.history === history).sort((a, b) => a[1].bytes - b[1].bytes)[0]
  const history = smallest(true)
  const plain = smallest(false)
  return {
    name: r.engine,
    version: r.version,
    local: r.local_emit_ns,
    silent: r.local_ns,
    each: r.remote_each_ns,
    sampled: r.remote_each_ops < (r.updates ?? r.patches) ? r.remote_each_ops : undefined,
    whole: r.whole_ms,
    history: history?.[1].bytes,
    historyName: history?.[0],
    plain: plain?.[1].bytes,
    plainName: plain?.[0],
    load: encodings[0][1].load_ms,
    op: r.op_bytes_avg,
    heap: r.heap_bytes,
    ok: r.end_content_ok
  }
}

/** Reads what go test -bench printed: name, ..., value unit pairs. */
function benchmarks (text) {
  const values = new Map()
  for (const line of text.split('\n')) {
    const m = /^Benchmark(\S+?)(?:-\d+)?\s.*?([\d.e+]+) ns\/(patch|insertion)/.exec(line)
    if (m) values.set(m[1], [...(values.get(m[1]) ?? []), Number(m[2])])
  }
  return new Map([...values].map(([name, v]) => [name, median(v)]))
}

/** The rows of BenchmarkScale: name, and values by unit. */
function growth (text) {
  return text.split('\n').map(line => /^BenchmarkScale\/(\S+?)(?:-\d+)?\s+\d+\s+(.*)$/.exec(line)).filter(m => m).map(m => {
    const pairs = m[2].split(/\s+/)
    const row = { name: m[1].replace(',', ', ').replace(/(\d)([A-Za-z])/g, '$1 $2') }
    for (let i = 0; i + 1 < pairs.length; i += 2) row[pairs[i + 1]] = Number(pairs[i])
    return row
  })
}

const number = (x, digits = 0) => x === undefined || x === null ? '-' : x.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const ms = x => number(x, x < 100 ? 2 : 0)
const table = (head, rows, left = 1) => [head, head.map((_, i) => i < left ? '---' : '---:'), ...rows].map(r => `| ${r.join(' | ')} |`).join('\n')

function cells (row) {
  if (row.error) return [row.name, `failed: ${row.error.replaceAll('|', '/').slice(0, 90)}`, ...Array(8).fill('')]
  return [
    row.name === 'coedit' ? '**coedit**' : row.name,
    number(row.local), number(row.silent),
    number(row.each) + (row.sampled ? ` (first ${number(row.sampled)})` : ''),
    ms(row.whole),
    row.history === undefined ? '-' : `${number(row.history)} (${row.historyName})`,
    row.plain === undefined ? '-' : `${number(row.plain)} (${row.plainName})`,
    ms(row.load), number(row.op, 1), number(row.heap / 1000)
  ]
}

const head = ['engine', 'local, emitting, ns', 'not emitting, ns', 'remote one by one, ns', 'whole history, ms',
  'document with history, bytes', 'without history, bytes', 'load, ms', 'op, bytes', 'heap, kB']

const byTrace = grouped(lines('coedit.jsonl'), r => r.trace)
const withTimes = new Map(lines('times.jsonl').map(r => [r.trace, r]))
const peers = grouped(lines('peers.jsonl'), r => r.trace)
const bench = benchmarks(read('floor.txt'))
const traces = [...byTrace].map(([name, rounds]) => ({
  name,
  patches: rounds[0].patches,
  ok: rounds.every(r => r.end_content_ok),
  plainBytes: join(rounds).doc_bytes,
  coedit: coeditRow(join(rounds)),
  withTimes: withTimes.get(name)?.doc_zstd_bytes,
  peers: [...grouped(peers.get(name) ?? [], r => r.engine).values()].map(peerRow),
  floor: bench.get(`Floor/${name}`)
}))

const versions = [...new Map(traces.flatMap(t => t.peers).filter(p => p.version).map(p => [p.name, p.version]))]
const onePlace = [...bench].filter(([name]) => name.startsWith('OnePlace/'))
const notes = fileURLToPath(new URL('../notes.md', import.meta.url))

/** How often everything was measured. */
function rounds () {
  const n = Number(fs.existsSync(path.join(folder, 'rounds.txt')) ? read('rounds.txt') : 1)
  return n === 1 ? 'the runs of one round' : `the medians of ${n} rounds`
}

/** What else the machine did when the run began: other work makes every time longer and the ratios uncertain. */
function busy () {
  const file = path.join(folder, 'load.txt')
  const load = fs.existsSync(file) ? parseFloat(fs.readFileSync(file, 'utf8')) : 0
  if (load < 1) return ''
  return `\n**The machine was busy with other work** (load average ${load} when the run began): times are too long, and ratios of times are rough. Sizes are exact.\n`
}

/** What of the targets was missed, by how much, and why. */
function missed (judged) {
  const late = v => v.value > v.limit
  const groups = [...grouped(judged, v => v.what)].filter(([, list]) => list.some(late))
  if (groups.length === 0) return 'Nothing: every target was reached.'
  return groups.map(([what, list]) => {
    const where = list.filter(late).map(v => `${v.trace === '-' ? '' : `${v.trace} `}${number(v.value / v.limit, 2)} times the limit`)
    const reached = list.length > 1 ? `; reached on ${list.length - where.length} of ${list.length} traces` : ''
    return `- **${what}**: ${where.join(', ')}${reached}. ${list[0].why}`
  }).join('\n')
}

const out = []
out.push(`# Benchmarks

Made by \`make bench\`, which measures coedit's engine (\`rga\`) and others on recorded editing, in turns, on one machine:
${os.cpus().length} cores, ${read('go-version.txt').trim().split(' ')[2]}, Node ${process.version.slice(1)}. Absolute times differ between machines and from run to run; the ratios are what counts.
The traces lie outside the repository; \`COEDIT_TRACES\` names their folder. Medians over ${rounds()}.
Others of the same make: [the relay](BENCHMARKS-RELAY.md), [bytes on the wire](BENCHMARKS-WIRE.md), [the editor](BENCHMARKS-EDITOR.md).
${busy()}
Engines: ${versions.map(([n, v]) => `${n} ${v}`).join(', ')}; automerge through its backend, without the JavaScript documents above it.

- **Local**: one edit a patch, per patch; *emitting* means that every patch also yields the encoded update that a collaborative editor would send.
- **Remote one by one**: those updates applied to an empty replica, per update. *(first n)*: measured on the first n only, because the engine is slow here.
- **Whole history**: merged into an empty replica, until its text is ready.
- **Document with history**: the smallest encoding from which any past version can be rebuilt. coedit's is compressed by zstd; it is measured without times of day, because no peer keeps them.
- **Load**: from the engine's usual encoding to the text, coedit's decompression included. **Heap**: what a loaded document keeps.
- **Gap buffer**: plain text, no CRDT: the floor.
`)
out.push('## Targets\n')
const judged = verdicts(traces, onePlace)
out.push(table(['trace', 'what', 'coedit', 'limit', 'measured against', 'verdict'], judged.map(v =>
  [v.trace, v.what, number(v.value, v.digits), number(v.limit, v.digits), v.against,
    v.value <= v.limit ? 'reached' : `**missed**, ${number(v.value / v.limit, 2)} times the limit`]), 2))
out.push('\n## What is missed, and what dominates it\n\n' + missed(judged))
for (const t of traces) {
  out.push(`\n## ${t.name}\n\n${number(t.patches)} patches${t.ok ? '' : '; **coedit did not end on the right text**'}.\n`)
  const rows = [t.coedit, ...t.peers].map(cells)
  if (t.floor !== undefined) rows.push(['*gap buffer*', '-', number(t.floor, 1), ...Array(7).fill('-')])
  out.push(table(head, rows))
  const times = t.withTimes === undefined ? '' : `, ${number(t.withTimes)} with zstd and the time of every edit`
  out.push(`\ncoedit's document: ${number(t.plainBytes)} bytes uncompressed${times}.`)
}
if (onePlace.length > 0) {
  out.push('\n## Insertions at one place\n\nThree replicas insert at the beginning of one text without hearing of each other; a fourth receives everything.\n')
  out.push(table(['order', 'ns an insertion'], onePlace.map(([name, ns]) => [name.replace('OnePlace/', '').replaceAll('_', ' '), number(ns)])))
}
const scale = fs.existsSync(path.join(folder, 'scale.txt')) ? growth(read('scale.txt')) : []
if (scale.length > 0) {
  out.push(`\n## How cost grows\n
\`go test ./rga -run '^$' -bench Scale -benchtime 1x\`: texts made of insertions of 63 bytes at random places, by one replica or by many; edits
at random places, each encoded. Edits and look-ups grow as the logarithm and the processor's caches have it, loading and the text of a version in
proportion, and the number of replicas hardly matters.\n`)
  out.push(table(['text', 'local edit, ns', 'typing, ns', 'remote edit, ns', 'line look-up, ns', 'load, ms', 'load, ns a byte', 'text at a version, ns a byte'],
    scale.map(r => [r.name, number(r['local-ns']), number(r['typing-ns']), number(r['remote-ns']), number(r['line-ns']),
      ms(r['load-ms']), number(r['load-ns/byte'], 1), number(r['at-ns/byte'], 1)])))
}
if (fs.existsSync(notes)) out.push('\n' + fs.readFileSync(notes, 'utf8').trimEnd())
console.log(out.join('\n'))
