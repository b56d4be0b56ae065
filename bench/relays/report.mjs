// node report.mjs DIR: the tables of docs/BENCHMARKS-RELAY.md from what run.sh wrote.
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'

const dir = process.argv[2]
const read = name => existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : ''
const lines = read('relays.jsonl').trim().split('\n').filter(Boolean).map(line => JSON.parse(line))

// Of several rounds the median of each figure.
const median = values => {
  const known = values.filter(v => typeof v === 'number').sort((a, b) => a - b)
  return known.length === 0 ? undefined : known[Math.floor((known.length - 1) / 2)]
}
const figure = (what, who, name) =>
  median(lines.filter(l => l.what === what && l.who === who && !l.figures.failed).map(l => l.figures[name]))
const who = what => [...new Set(lines.filter(l => l.what === what).map(l => l.who))]

const number = (v, digits = 1) => v === undefined ? '-' : v.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
const table = (head, rows) => [
  `| ${head.join(' | ')} |`, `| --- |${' ---: |'.repeat(head.length - 1)}`, ...rows.map(r => `| ${r.join(' | ')} |`), ''
].join('\n')

const loads = (what, columns) => table(['relay', ...columns.map(c => c[0])],
  who(what).map(w => [w.startsWith('coedit') ? `**${w}**` : w, ...columns.map(([, name, digits]) => number(name === 'ack_p99_ms' && !w.startsWith('coedit') && w !== 'plain queues' ? undefined : figure(what, w, name), digits))]))

// What `go test -bench Keystroke -count 5` says of a suite and a part of the work: the median, in microseconds.
const seal = (suite, part) => median([...read('seal.txt').matchAll(
  new RegExp(`^BenchmarkKeystroke/${suite}/${part}\\S*\\s+\\d+\\s+([\\d.]+) ns/op`, 'gm'))].map(m => Number(m[1]) / 1000))
const suites = ['xchacha', 'sm4']

const busy = Number(read('load.txt').split(' ')[0] || 0)
const targets = []
// target: what coedit has to stay below.
const target = (name, value, limit, digits = 1) => targets.push([
  name, number(value, digits), number(limit, digits),
  value === undefined || limit === undefined ? 'not measured'
    : value <= limit ? 'reached' : `**missed**, ${(value / limit).toFixed(2)} times the limit`
])
const best = (what, name) => {
  const peers = ['y-websocket', 'hocuspocus'].map(w => figure(what, w, name)).filter(v => v !== undefined)
  return peers.length === 0 ? undefined : Math.min(...peers)
}
target('one room of 50: fan-out p99, ms, against the better Node relay of this run', figure('one', 'coedit', 'fanout_p99_ms'), best('one', 'fanout_p99_ms'))
target('one room of 50: fan-out p99, ms, against the best relay in Go known (3.0)', figure('one', 'coedit', 'fanout_p99_ms'), 3)
target('one room of 50: relay CPU for each delivery, µs', figure('one', 'coedit', 'relay_cpu_us_per_delivery'), 10)
target('500 rooms of 2: fan-out p99, ms, against the better Node relay of this run', figure('many', 'coedit', 'fanout_p99_ms'), best('many', 'fanout_p99_ms'))
target('500 rooms of 2: relay CPU, s', figure('many', 'coedit', 'relay_cpu_s'), 1.5, 2)
for (const suite of suites) {
  target(`${suite}: sealing and signing the frame of a keystroke and opening it at a peer, together, µs`, seal(suite, 'both'), 200)
}
target('10,000 idle connections: relay memory for each, KB', figure('idle', 'coedit', 'relay_rss_kb_per_connection'), 8)
target('300 operations/s with a slow consumer: fan-out p99, ms', figure('flow-300-120', 'coedit', 'fanout_p99_ms'), 47)
target('1,200 operations/s with a slow consumer: fan-out p99, ms', figure('flow-1200-120', 'coedit', 'fanout_p99_ms'), 98)
target('1,000 rooms of 2 frames/s: acknowledged p99, ms', figure('ack', 'coedit', 'ack_p99_ms'), 25)

const out = []
out.push(`# Benchmarks of the relay

Made by \`make bench\` (\`bench/relays/run.sh\`), which puts coedit's relay and two others under the same loads, in turns, on one machine:
${os.cpus().length} cores, ${read('go-version.txt').split(' ')[2] ?? 'Go'}, Node ${process.versions.node}. Clients and relay share it, so absolute times are those of
both; what counts is the comparison within the run. Of several rounds the median is shown.

${busy >= 1 ? `**The machine was busy with other work** (load average ${busy} when the run began): times are too long.\n` : ''}
coedit's relay keeps everything on disk before it numbers, delivers or acknowledges it, except where "in memory" is said, and admits
by signatures. The others keep nothing unless configured and let everybody in; they merge documents, which coedit's relay cannot read.

What coedit's clients publish is sealed and signed (XChaCha20-Poly1305, Ed25519) as the editor does it: the frame of a keystroke has
${number(figure('one', 'coedit', 'sealed'), 0)} bytes, ${number(figure('flow-300-120', 'coedit', 'sealed'), 0)} where 120 are said and ${number(figure('flow-300-8000', 'coedit', 'sealed'), 0)} where 8,000 are. Before a frame is handed over it is sealed, so
sealing is not in the times of fan-out; it is below. In each room one client opens and verifies what it gets, and none failed
to open where no errors are told.
`)
out.push('## Targets\n', table(['what', 'coedit', 'limit', 'verdict'], targets))
out.push('## Sealing one keystroke, on one core\n', table(
  ['suite', 'sealing and signing, µs', 'verifying and opening, µs', 'both, µs'],
  suites.map(s => [s, ...['seal', 'open', 'both'].map(part => number(seal(s, part)))])))
out.push('## One room of 50, 2 edits a second each\n', loads('one', [
  ['fan-out p50, ms', 'fanout_p50_ms', 2], ['p99', 'fanout_p99_ms', 2], ['p99.9', 'fanout_p999_ms', 2], ['acknowledged p99, ms', 'ack_p99_ms', 2],
  ['CPU for each delivery, µs', 'relay_cpu_us_per_delivery', 1], ['opened', 'opened', 0], ['lost', 'lost', 0], ['doubled', 'doubled', 0], ['errors', 'errors', 0]
]))
out.push('## 500 rooms of 2, one edit a second each\n', loads('many', [
  ['fan-out p50, ms', 'fanout_p50_ms', 2], ['p99', 'fanout_p99_ms', 2], ['p99.9', 'fanout_p999_ms', 2],
  ['CPU, s', 'relay_cpu_s', 2], ['memory, MB', 'relay_rss_mb', 1], ['opened', 'opened', 0], ['lost', 'lost', 0], ['errors', 'errors', 0]
]))
out.push(`## Idle connections, two in a room\n`, loads('idle', [
  ['rooms', 'rooms', 0], ['all in after, s', 'accept_s', 1], ['memory for each, KB', 'relay_rss_kb_per_connection', 1], ['errors', 'errors', 0]
]))
out.push(`## A slow consumer in the room

Ten publish, an eleventh does not read while the load lasts, and has everything afterwards. Beside coedit's relay one with plain queues,
first in first out, without priorities, buckets or reading the log again, in the same program.
`)
for (const rate of [300, 1200]) {
  for (const payload of [120, 8000]) {
    const what = `flow-${rate}-${payload}`
    out.push(`${number(rate, 0)} operations/s of ${number(payload, 0)} bytes:\n`, loads(what, [
      ['fan-out p50, ms', 'fanout_p50_ms', 1], ['p99', 'fanout_p99_ms', 1], ['p99.9', 'fanout_p999_ms', 1], ['acknowledged p99, ms', 'ack_p99_ms', 1],
      ['memory, MB', 'relay_rss_mb', 1], ['lost', 'lost', 0]
    ]))
  }
}
out.push('## 1,000 rooms, 2 frames a second in each, on disk\n', loads('ack', [
  ['acknowledged p99, ms', 'ack_p99_ms', 2], ['fan-out p99, ms', 'fanout_p99_ms', 2], ['CPU, s', 'relay_cpu_s', 2], ['lost', 'lost', 0], ['doubled', 'doubled', 0]
]))
out.push('## A storm: the relay is killed, starts again, and 2,000 clients come back at once\n', loads('storm', [
  ['all back after, s', 'storm_s', 2], ['whole documents sent', 'storm_snapshots', 0], ['that lost their log', 'storm_restores', 0], ['errors', 'errors', 0], ['lost', 'lost', 0], ['doubled', 'doubled', 0]
]))
process.stdout.write(out.join('\n'))
