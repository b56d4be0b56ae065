// replicaID returns a number of so many bits (at most 53), the same in every run. Real replicas draw their ids at random:
// small ids would make every update a few bytes shorter than it is in use.
export function replicaID (agent, bits) {
  let x = (BigInt(agent) + 1n) * 0x9e3779b97f4a7c15n
  x ^= (x >> 29n) & 0xffffffffn
  x = BigInt.asUintN(bits, x * 0xbf58476d1ce4e5b9n)
  return Number(x | 1n << BigInt(bits - 1))
}
