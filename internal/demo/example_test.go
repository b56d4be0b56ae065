package demo_test

import (
	"context"
	"fmt"
	"time"

	"coedit/internal/demo"
)

func ExampleRun() {
	summary, err := demo.Run(context.Background(), demo.Config{Seed: 1, Pace: 0.03, Offline: 200 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(summary.Replicas), "replicas, equal:", summary.Equal)
	// Output: 3 replicas, equal: true
}
