import { createRequire } from 'node:module'
import { versionOf } from './version.mjs'

const { Doc } = createRequire(import.meta.url)('diamond-types-node')

class Replica {
  constructor (doc) {
    this.doc = doc
    this.emits = false
  }

  emitting () { this.emits = true }

  edit (pos, deleted, inserted) {
    const before = this.emits ? this.doc.getLocalVersion() : null
    if (deleted > 0) this.doc.del(pos, deleted)
    if (inserted !== '') this.doc.ins(pos, inserted)
    return this.emits ? this.doc.getPatchSince(before) : null
  }

  receive (update) { this.doc.mergeBytes(update) }
  text () { return this.doc.get() }
  free () { this.doc.free() }
}

export function diamondTypes () {
  return {
    version: versionOf('diamond-types-node'),
    create: agent => new Replica(new Doc(`agent ${agent}`)),
    whole: r => r.doc.toBytes(),
    mergeWhole: bytes => {
      const r = new Replica(new Doc('reader'))
      r.receive(bytes)
      return r
    },
    encodings: {
      document: { history: true, encode: r => r.doc.toBytes(), decode: b => new Replica(Doc.fromBytes(b, 'reader')) }
    }
  }
}
