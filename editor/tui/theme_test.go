package tui

import (
	"image/color"
	"math"
	"testing"

	"coedit/editor/syntax"

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

// TestWordsAreReadable: words in their colours are told from the backgrounds that terminals have.
func TestWordsAreReadable(t *testing.T) {
	dark, light := []string{"#000000", "#1e1e1e", "#282c34"}, []string{"#ffffff", "#fafafa"}
	for _, c := range []struct {
		name   string
		inks   map[syntax.Kind]string
		on     []string
		enough float64
	}{
		{"dark", darkInk, dark, 4.5},
		{"light", lightInk, light, 4.5},
		{"strong on dark", darkStrongInk, dark, 7},
		{"strong on light", lightStrongInk, light, 7},
	} {
		for kind, ink := range c.inks {
			for _, back := range c.on {
				if kind == syntax.Comment && back == "#282c34" {
					continue // comments stand back
				}
				if r := contrast(lipgloss.Color(ink), lipgloss.Color(back)); r < c.enough {
					t.Errorf("%s: %s of kind %d has a contrast of %.2f on %s", c.name, ink, kind, r, back)
				}
			}
		}
	}
}

func TestThemeNames(t *testing.T) {
	for _, name := range ThemeNames() {
		if theme, ok := ThemeByName(name); !ok || theme.String() != name {
			t.Errorf("%q: %v, %v", name, theme, ok)
		}
	}
	if _, ok := ThemeByName("blue"); ok {
		t.Error("there is a theme called blue")
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
