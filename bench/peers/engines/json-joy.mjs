import { createRequire } from 'node:module'
import { replicaID } from './id.mjs'
import { versionOf } from './version.mjs'

const { Model, Patch } = createRequire(import.meta.url)('json-joy/lib/json-crdt')

// Replicas must share the string they edit: all start from these bytes, which hold an empty one.
const empty = (() => {
  const m = Model.create(undefined, replicaID(60, 52))
  m.api.set('')
  m.api.flush()
  return m.toBinary()
})()

class Replica {
  constructor (model) {
    this.model = model
    this.node = model.api.str([])
    this.emits = false
  }

  emitting () { this.emits = true }

  edit (pos, deleted, inserted) {
    if (deleted > 0) this.node.del(pos, deleted)
    if (inserted !== '') this.node.ins(pos, inserted)
    const patch = this.model.api.flush()
    return this.emits ? patch.toBinary() : null
  }

  receive (update) { this.model.applyPatch(Patch.fromBinary(update)) }
  text () { return this.model.view() }
  free () {}
}

const create = agent => new Replica(Model.load(empty, replicaID(agent, 52)))

export function jsonJoy () {
  return {
    version: versionOf('json-joy'),
    create,
    // The model keeps no log: its history is the list of all patches.
    whole: (_, updates) => updates,
    mergeWhole: updates => {
      const r = create(50)
      r.model.applyBatch(updates.map(u => Patch.fromBinary(u)))
      return r
    },
    encodings: {
      'structural binary': {
        history: false, encode: r => r.model.toBinary(), decode: b => new Replica(Model.fromBinary(b))
      }
    }
  }
}
