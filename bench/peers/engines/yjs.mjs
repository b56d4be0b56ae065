import * as Y from 'yjs'
import { replicaID } from './id.mjs'
import { versionOf } from './version.mjs'

// Yjs sends an update for every transaction that changed something. With gc (its default) deleted text is dropped, so
// only the variant without it keeps the history.
class Replica {
  constructor (gc, agent) {
    this.doc = new Y.Doc({ gc })
    if (agent !== undefined) this.doc.clientID = replicaID(agent, 32)
    this.type = this.doc.getText('text')
    this.update = null
  }

  emitting () { this.doc.on('update', u => { this.update = u }) }

  edit (pos, deleted, inserted) {
    this.doc.transact(() => {
      if (deleted > 0) this.type.delete(pos, deleted)
      if (inserted !== '') this.type.insert(pos, inserted)
    })
    const u = this.update
    this.update = null
    return u
  }

  receive (update) { Y.applyUpdate(this.doc, update) }
  text () { return this.type.toString() }
  free () { this.doc.destroy() }
}

const open = (gc, read) => bytes => {
  const r = new Replica(gc)
  read(r.doc, bytes)
  return r
}

function engine (gc) {
  return {
    version: versionOf('yjs'),
    create: agent => new Replica(gc, agent),
    whole: r => Y.encodeStateAsUpdate(r.doc),
    mergeWhole: open(gc, Y.applyUpdate),
    encodings: {
      'update v1': { history: !gc, encode: r => Y.encodeStateAsUpdate(r.doc), decode: open(gc, Y.applyUpdate) },
      'update v2': { history: !gc, encode: r => Y.encodeStateAsUpdateV2(r.doc), decode: open(gc, Y.applyUpdateV2) }
    }
  }
}

export const yjs = () => engine(true)
export const yjsNoGC = () => engine(false)
