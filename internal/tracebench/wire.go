package tracebench

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"coedit/internal/codec"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// wireBatches are the numbers of patches that go into one message.
var wireBatches = []int{1, 10, 50, 200}

// WireReport says how many bytes a trace's patches take in messages of so many patches. Its JSON names are a contract.
type WireReport struct {
	Trace   string      `json:"trace"`
	Patches int         `json:"patches"`
	Batches []WireBatch `json:"batches"`
}

// WireBatch is a report's part for one number of patches a message. All bytes are averages for each patch.
type WireBatch struct {
	Patches   int     `json:"patches_per_message"`
	Messages  int     `json:"messages"`
	JSON      float64 `json:"json"`
	Protobuf  float64 `json:"protobuf"`
	Delta     float64 `json:"delta"`      // the op batch, as package rga encodes it
	DeltaLZ4  float64 `json:"delta_lz4"`  // where that makes a message shorter
	DeltaZstd float64 `json:"delta_zstd"` // where that makes a message shorter
	Sealed    float64 `json:"sealed"`     // delta_zstd, sealed and signed in a room of the usual suite
	Wire      float64 `json:"wire"`       // sealed, as a protocol message in a WebSocket message; without TLS and TCP
	Share     float64 `json:"delta_zstd_share_of_json"`
}

// MeasureWire plays a trace and encodes it in each of the forms.
func MeasureWire(r *Replay) (WireReport, error) {
	room, err := wireRoom()
	if err != nil {
		return WireReport{}, err
	}
	return measureWire(r, room)
}

// measureWire seals only if there is a room: signing takes most of the time.
func measureWire(r *Replay, room *seal.Room) (WireReport, error) {
	s := newReplicas(r, Options{})
	meters := make([]*wireMeter, len(wireBatches))
	for i, n := range wireBatches {
		meters[i] = newWireMeter(n, s.docs, room)
	}
	err := s.visit(func(agent, e int) error {
		op := wireOpOf(s.docs[agent], &r.edits[e])
		if err := s.edit(agent, e); err != nil {
			return err
		}
		for _, m := range meters {
			if err := m.patch(agent, op, e >= r.start); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return WireReport{}, fmt.Errorf("%s: %w", r.Trace.Name, err)
	}
	report := WireReport{Trace: r.Trace.Name, Patches: r.Trace.Patches()}
	for _, m := range meters {
		b, err := m.finish()
		if err != nil {
			return report, err
		}
		report.Batches = append(report.Batches, b)
	}
	return report, nil
}

// visit makes all deliveries, and calls edit where an edit is to be made.
func (s *replicas) visit(edit func(agent, e int) error) error {
	for i := range s.r.steps {
		step := &s.r.steps[i]
		for _, part := range step.deliver {
			for e := part.from; e < part.to; e++ {
				if _, err := s.deliver(step.agent, e); err != nil {
					return fmt.Errorf("delivering edit %d: %w", e, err)
				}
			}
		}
		for e := step.from; e < step.to; e++ {
			if err := edit(step.agent, e); err != nil {
				return fmt.Errorf("edit %d: %w", e, err)
			}
		}
	}
	return nil
}

// wireRoom is a room to seal in; its keys come from a fixed seed.
func wireRoom() (*seal.Room, error) {
	random := rand.NewChaCha8([32]byte{'w', 'i', 'r', 'e'})
	owner, err := seal.NewOwner(random)
	if err != nil {
		return nil, err
	}
	id, err := owner.RoomID()
	if err != nil {
		return nil, err
	}
	b, err := seal.NewManifest(owner, seal.SuiteXChaCha, 0)
	if err != nil {
		return nil, err
	}
	m, err := seal.VerifyManifest(id, b)
	if err != nil {
		return nil, err
	}
	self, err := seal.NewIdentity(seal.SuiteXChaCha, random)
	if err != nil {
		return nil, err
	}
	return seal.NewRoom(m, owner, self, random)
}

// wireOp is a patch as a program would send it that sends one record for each: what is new, behind what; what goes, from
// where on.
// As JSON a message of one patch is this with the author's "replica"; one of several is {"replica": ..., "ops": [...]}.
type wireOp struct {
	Replica string  `json:"replica,omitempty"`
	Seq     uint32  `json:"seq,omitempty"`
	After   *wireID `json:"after,omitempty"`
	Insert  string  `json:"ins,omitempty"`
	Delete  *wireID `json:"del,omitempty"`
	Deleted int     `json:"n,omitempty"`
}

// wireID is an element's id, as JSON [replica, seq].
type wireID rga.ID

// MarshalJSON implements json.Marshaler.
func (id wireID) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `["%s",%d]`, hexOf(id.Replica), id.Seq), nil
}

func wireIDOf(id rga.ID) *wireID {
	w := wireID(id)
	return &w
}

func hexOf(id rga.ReplicaID) string { return fmt.Sprintf("%016x", uint64(id)) }

// wireOpOf describes an edit that is about to be made.
func wireOpOf(d *rga.Doc, e *rga.Edit) wireOp {
	op := wireOp{Insert: e.Insert, Deleted: e.Delete}
	if e.Insert != "" {
		op.After = wireIDOf(d.AnchorAt(e.Offset, rga.After).ID)
		op.Seq = uint32(d.Clock())
	}
	if e.Delete > 0 {
		op.Delete = wireIDOf(d.AnchorAt(e.Offset, rga.Before).ID)
	}
	return op
}

// wireMeter gathers the patches of each agent into messages of n, and adds up what these take.
type wireMeter struct {
	n      int
	room   *seal.Room
	docs   []*rga.Doc
	agents []wireAgent

	patches, messages int
	json, protobuf    int
	delta, lz4, zstd  int
	sealed, wire      int
	counter           uint64
}

type wireAgent struct {
	from uint64   // own ticks before it are sent
	ops  []wireOp // gathered
}

func newWireMeter(n int, docs []*rga.Doc, room *seal.Room) *wireMeter {
	return &wireMeter{n: n, room: room, docs: docs, agents: make([]wireAgent, len(docs))}
}

// patch takes in an edit that was made; one that does not count is sent without being measured.
func (m *wireMeter) patch(agent int, op wireOp, counts bool) error {
	a := &m.agents[agent]
	if !counts {
		a.from = m.docs[agent].Clock()
		return nil
	}
	if a.ops = append(a.ops, op); len(a.ops) < m.n {
		return nil
	}
	return m.send(agent)
}

// send measures the message of what was gathered. Where an agent received something in between, that is several batches.
func (m *wireMeter) send(agent int) error {
	a, d := &m.agents[agent], m.docs[agent]
	m.patches += len(a.ops)
	b, err := asJSON(d.Replica(), a.ops)
	if err != nil {
		return err
	}
	m.json += len(b)
	m.protobuf += protobufLen(d.Replica(), a.ops)
	a.ops = a.ops[:0]
	for a.from < d.Clock() {
		batch, to := d.AppendOwn(nil, a.from, 64<<10)
		a.from = to
		if err := m.message(batch); err != nil {
			return err
		}
	}
	return nil
}

func asJSON(author rga.ReplicaID, ops []wireOp) ([]byte, error) {
	if len(ops) == 1 {
		op := ops[0]
		op.Replica = hexOf(author)
		return json.Marshal(op)
	}
	return json.Marshal(struct {
		Replica string   `json:"replica"`
		Ops     []wireOp `json:"ops"`
	}{hexOf(author), ops})
}

func (m *wireMeter) message(batch []byte) error {
	m.messages++
	m.counter++
	packed := codec.Pack(nil, batch, codec.Zstd)
	m.delta += len(batch)
	m.lz4 += len(codec.Pack(nil, batch, codec.LZ4))
	m.zstd += len(packed)
	if m.room == nil {
		return nil
	}
	f := transport.Frame{Replica: m.room.Own().Replica, Counter: m.counter, Class: transport.ClassEdit}
	sealed, err := m.room.Seal(seal.Header{
		Room: m.room.Manifest().Room, Replica: f.Replica, Counter: f.Counter, Class: byte(f.Class),
	}, packed)
	if err != nil {
		return err
	}
	f.Payload = sealed
	m.sealed += len(sealed)
	b := wire.Marshal(&wire.ClientFrame{Kind: &wire.ClientFrame_Publish{Publish: &wire.Publish{Frame: f.Wire()}}})
	m.wire += len(b) + webSocketHead(len(b))
	return nil
}

// webSocketHead is how long a client's WebSocket header of a message is: two bytes, a longer length, the mask.
func webSocketHead(n int) int {
	switch {
	case n < 126:
		return 6
	case n < 1<<16:
		return 8
	}
	return 14
}

// finish sends what is left and returns the averages.
func (m *wireMeter) finish() (WireBatch, error) {
	for agent := range m.agents {
		if len(m.agents[agent].ops) > 0 {
			if err := m.send(agent); err != nil {
				return WireBatch{}, err
			}
		}
	}
	each := func(total int) float64 { return round(float64(total)/float64(max(1, m.patches)), 2) }
	return WireBatch{
		Patches: m.n, Messages: m.messages,
		JSON: each(m.json), Protobuf: each(m.protobuf), Delta: each(m.delta), DeltaLZ4: each(m.lz4), DeltaZstd: each(m.zstd),
		Sealed: each(m.sealed), Wire: each(m.wire), Share: round(float64(m.zstd)/float64(max(1, m.json)), 4),
	}, nil
}

// protobufLen is how long the ops are as
//
//	message Ops { fixed64 replica = 1; repeated Op ops = 2; }
//	message Op { uint32 seq = 1; Id after = 2; string ins = 3; Id del = 4; uint32 n = 5; }
//	message Id { fixed64 replica = 1; uint32 seq = 2; }
//
// where an id of the message's own replica leaves that out.
func protobufLen(self rga.ReplicaID, ops []wireOp) int {
	total := 1 + 8
	for i := range ops {
		op, n := &ops[i], 0
		if op.After != nil {
			n += varintField(uint64(op.Seq)) + lengthField(protobufIDLen(self, *op.After)) + lengthField(len(op.Insert))
		}
		if op.Delete != nil {
			n += lengthField(protobufIDLen(self, *op.Delete)) + varintField(uint64(op.Deleted))
		}
		total += lengthField(n)
	}
	return total
}

func protobufIDLen(self rga.ReplicaID, id wireID) int {
	n := varintField(uint64(id.Seq))
	if id.Replica != self {
		n += 1 + 8
	}
	return n
}

// varintField is how long a field with a number below 16 and a varint is.
func varintField(x uint64) int { return 1 + len(binary.AppendUvarint(nil, x)) }

// lengthField is how long a field of n bytes is.
func lengthField(n int) int { return varintField(uint64(n)) + n }
