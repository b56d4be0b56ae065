package tui

import (
	"image/color"
	"math"
	"testing"

	"charm.land/lipgloss/v2"
)

// TestColoursAreReadable: names are white on the participant's colour, and the colour itself is told from a black and from a white
// background, by the contrast ratios of WCAG.
func TestColoursAreReadable(t *testing.T) {
	if len(peerColours) != 16 {
		t.Errorf("%d colours", len(peerColours))
	}
	for _, hex := range peerColours {
		c := lipgloss.Color(hex)
		if r := contrast(c, color.White); r < 4.5 {
			t.Errorf("%s: white on it has a contrast of %.2f", hex, r)
		}
		if r := contrast(c, color.Black); r < 3 {
			t.Errorf("%s: it has a contrast of %.2f on black", hex, r)
		}
		if r := contrast(tint(c, true), color.White); r < 4.5 {
			t.Errorf("%s: white on its dark tint has a contrast of %.2f", hex, r)
		}
		if r := contrast(tint(c, false), color.Black); r < 4.5 {
			t.Errorf("%s: black on its light tint has a contrast of %.2f", hex, r)
		}
	}
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
