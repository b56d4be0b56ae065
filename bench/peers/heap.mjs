// node --expose-gc heap.mjs ENGINE ENCODING <BYTES
//
// What a document that was loaded from standard input keeps: JavaScript's heap with what hangs on it (WebAssembly's
// memory is among that), and the growth of the process. The engine's code is warmed up with a small document first.
import fs from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { load } from './engines/index.mjs'

const [engineName, encoding] = process.argv.slice(2)
const engine = await load(engineName)
const { encode, decode } = engine.encodings[encoding]

let small = engine.create(1)
small.edit(0, 0, 'warm')
decode(encode(small)).text()
small = null

/** Collects garbage until the finalizers have run. */
async function settled () {
  for (let i = 0; i < 3; i++) {
    global.gc()
    await setTimeout(20)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

const before = await settled()
let bytes = new Uint8Array(fs.readFileSync(0)) // counted if the document goes on using it
const replica = decode(bytes)
const length = replica.text().length
bytes = null
const after = await settled()
if (replica.text().length !== length) throw new Error('the text changed')
console.log(JSON.stringify({ heap: after.heap - before.heap, rss: after.rss - before.rss }))
