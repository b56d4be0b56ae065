package seal_test

// What TestDerivationsNeverChange expects of an owner secret of 32 bytes 7.
const (
	wantWrite = "bf67daba53a37ad6858687c391f22029708e98c972a8225705162e8ec42d4b5f"
	wantRead  = "5e4729f8effe2462035c7585f425f96a5f8377c31799160e1a1fb1b798d70a30"
	wantRoom  = "sweffv4wfm4ddgonv6ma3yco4y"
	wantLink  = "https://relay.example/r/sweffv4wfm4ddgonv6ma3yco4y#w.x5t5vostun5nnbmgq7bzd4raffyi5ggjokucevyfcyxi5rbnjnpvzk26"
)
