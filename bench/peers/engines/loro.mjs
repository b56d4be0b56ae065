import { createRequire } from 'node:module'
import { replicaID } from './id.mjs'
import { versionOf } from './version.mjs'

// The ES module build needs a bundler, the CommonJS one does not.
const { LoroDoc } = createRequire(import.meta.url)('loro-crdt')

class Replica {
  constructor (agent) {
    this.doc = new LoroDoc()
    if (agent !== undefined) this.doc.setPeerId(BigInt(replicaID(agent, 53)))
    this.container = this.doc.getText('text')
    this.update = null
  }

  emitting () { this.stop = this.doc.subscribeLocalUpdates(u => { this.update = u }) }

  edit (pos, deleted, inserted) {
    if (deleted > 0) this.container.delete(pos, deleted)
    if (inserted !== '') this.container.insert(pos, inserted)
    this.doc.commit()
    const u = this.update
    this.update = null
    return u
  }

  receive (update) { this.doc.import(update) }
  text () { return this.container.toString() }
  free () {
    this.stop?.()
    this.doc.free()
  }
}

function open (bytes) {
  const r = new Replica()
  r.doc.import(bytes)
  return r
}

export function loro () {
  return {
    version: versionOf('loro-crdt'),
    create: agent => new Replica(agent),
    whole: r => r.doc.export({ mode: 'update' }),
    mergeWhole: open,
    encodings: {
      snapshot: { history: true, encode: r => r.doc.export({ mode: 'snapshot' }), decode: open },
      updates: { history: true, encode: r => r.doc.export({ mode: 'update' }), decode: open },
      'shallow snapshot': {
        history: false,
        encode: r => r.doc.export({ mode: 'shallow-snapshot', frontiers: r.doc.oplogFrontiers() }),
        decode: open
      }
    }
  }
}
