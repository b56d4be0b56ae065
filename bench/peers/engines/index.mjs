// An engine is {version, create(agent), whole(replica, updates), mergeWhole(whole), encodings}. A replica is
// {emitting(), edit(pos, deleted, inserted) -> update or null, receive(update), text(), free()}; after emitting() each
// edit returns the update that a collaborative editor would send. whole is the history that mergeWhole merges into an
// empty replica. An encoding says whether it keeps the history: {history, encode(replica), decode(bytes)}.
const engines = {
  yjs: async () => (await import('./yjs.mjs')).yjs(),
  'yjs-nogc': async () => (await import('./yjs.mjs')).yjsNoGC(),
  'loro-crdt': async () => (await import('./loro.mjs')).loro(),
  'diamond-types': async () => (await import('./diamond-types.mjs')).diamondTypes(),
  'json-joy': async () => (await import('./json-joy.mjs')).jsonJoy(),
  automerge: async () => (await import('./automerge.mjs')).automerge()
}

export const names = Object.keys(engines)

export async function load (name) {
  if (!(name in engines)) throw new Error(`no engine ${name}; there are ${names.join(', ')}`)
  return engines[name]()
}
