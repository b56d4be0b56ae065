package seal_test

import (
	"crypto/rand"
	"fmt"

	"coedit/transport/seal"
)

// The owner makes a room, gives away links, and seals what is written in it.
func Example() {
	owner, err := seal.NewOwner(rand.Reader)
	if err != nil {
		panic(err)
	}
	room, _ := owner.RoomID()
	manifest, _ := seal.NewManifest(owner, seal.SuitePlain, 1_700_000_000_000)
	reader, _ := owner.Derive(seal.Read)
	link := seal.Link{Base: "https://relay.example", Room: room, Secret: reader}

	// Somebody else gets the link, and the manifest from the relay.
	got, err := seal.ParseLink(link.String())
	if err != nil {
		panic(err)
	}
	m, err := seal.VerifyManifest(got.Room, manifest)
	fmt.Println("may", got.Secret.Right, "- manifest of this room:", err == nil, "- suite:", seal.SuiteName(m.Suite))
	_, err = got.Secret.Derive(seal.Write)
	fmt.Println("may write:", err == nil)

	header := seal.Header{Room: room, Replica: 7, Counter: 1}
	suite := seal.NewPlain()
	sealed, _ := suite.Seal(header, []byte("hello"))
	plain, err := suite.Open(header, sealed)
	fmt.Printf("%s %v\n", plain, err)
	header.Replica = 8
	_, err = suite.Open(header, sealed)
	fmt.Println("as another's:", err != nil)
	// Output:
	// may read - manifest of this room: true - suite: plain
	// may write: false
	// hello <nil>
	// as another's: true
}
