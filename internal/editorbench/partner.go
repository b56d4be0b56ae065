package editorbench

import (
	"context"
	"fmt"
	"time"

	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport/seal"
)

// partnerPause is the time between two handfuls of the partner's operations.
const partnerPause = 10 * time.Millisecond

// partner joins the room and types and deletes beside the caret, rate operations a second, until ctx ends.
func partner(ctx context.Context, link string, line, rate int, ready func()) error {
	parsed, err := seal.ParseLink(link)
	if err != nil {
		return fmt.Errorf("the link of the editor under test: %w", err)
	}
	part, err := session.New(session.Options{Link: parsed, Name: "bench", Agent: "coedit-bench"})
	if err != nil {
		return err
	}
	go func() { _ = part.Run(ctx) }()
	defer part.Close()
	if err := part.WaitReady(ctx); err != nil {
		return err
	}
	ready()
	ed := part.Editor()
	began, done, typed := time.Now(), 0, 0
	return part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		for due := int(now.Sub(began).Seconds() * float64(rate)); done < due; done++ {
			at := ed.View().LineStart(line)
			edit := rga.Edit{Offset: at, Insert: "e"}
			if typed++; typed > 40 { // then as many are deleted
				edit = rga.Edit{Offset: at, Delete: 1}
				typed %= 80
			}
			if err := ed.Replace(now.UnixMilli(), edit); err != nil {
				return 0, false, err
			}
		}
		return partnerPause, false, nil
	})
}
