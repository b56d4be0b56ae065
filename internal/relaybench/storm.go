package relaybench

import (
	"context"
	"fmt"
	"time"
)

// stormLimit bounds how long all may take to come back.
const stormLimit = 2 * time.Minute

// storm kills the relay and starts it again at the same address, and waits until everybody is back.
func (r *run) storm(ctx context.Context, res *Result, say func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, stormLimit)
	defer cancel()
	r.restarting.Store(true)
	defer r.restarting.Store(false)
	for len(r.onlines) > 0 {
		<-r.onlines
	}
	snapshots := r.snapshots.Load()
	r.relay.kill()
	if err := r.relay.start(ctx); err != nil {
		return err
	}
	began := time.Now()
	progress := time.NewTicker(time.Second)
	defer progress.Stop()
	for back := map[*member]bool{}; len(back) < len(r.members); {
		select {
		case m := <-r.onlines:
			back[m] = true
		case <-progress.C:
			say(fmt.Sprintf("%d of %d clients are back", len(back), len(r.members)))
		case <-ctx.Done():
			return fmt.Errorf("relaybench: %d of %d clients came back: %w", len(back), len(r.members), ctx.Err())
		}
	}
	res.StormS = time.Since(began).Seconds()
	res.StormSnapshots = r.snapshots.Load() - snapshots
	res.StormRestores = r.restores.Load()
	return nil
}
