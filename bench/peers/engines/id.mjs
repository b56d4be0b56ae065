// replicaID returns a number of so many bits (32 to 53), the same in every run and greater for a greater agent. Real
// replicas draw their ids at random: small ids would make every update a few bytes shorter than it is in use. The order
// matters to Yjs, which ends the concurrent trace on another text when the second agent's id is the smaller one.
export function replicaID (agent, bits) {
  return 2 ** (bits - 1) + agent * 2 ** (bits - 9) + 0x5bd1e9
}
