import * as A from '@automerge/automerge'
import { replicaID } from './id.mjs'
import { versionOf } from './version.mjs'

// The backend below the JavaScript document is driven directly: its proxies and patches
// would only add to the time.
const actor = agent => replicaID(agent, 48).toString(16).padStart(16, '0').repeat(2)
const created = A.save(A.change(A.init({ actor: actor(60) }), { time: 0 }, d => { d.text = '' }))

class Replica {
  constructor (doc) {
    this.doc = doc
    this.backend = A.getBackend(doc)
    this.object = this.backend.getWithType('_root', 'text')?.[1]
    this.emits = false
  }

  emitting () { this.emits = true }

  edit (pos, deleted, inserted) {
    this.backend.splice(this.object, pos, deleted, inserted)
    this.backend.commit(undefined, 0)
    return this.emits ? this.backend.getLastLocalChange() : null
  }

  receive (update) { this.backend.applyChanges([update]) }
  text () { return this.backend.text(this.object) }
  free () { this.backend.free() }
}

export function automerge () {
  return {
    version: versionOf('@automerge/automerge'),
    create: agent => new Replica(A.load(created, { actor: actor(agent) })),
    whole: r => r.backend.save(),
    mergeWhole: bytes => {
      const doc = A.init({ actor: actor(50) })
      A.getBackend(doc).loadIncremental(bytes)
      return new Replica(doc)
    },
    encodings: {
      save: { history: true, encode: r => r.backend.save(), decode: b => new Replica(A.load(b)) }
    }
  }
}
