package expect

import (
	"fmt"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/screen"
	"gofab/internal/suggest"
)

func screenText(_ *kit.Call, v *view, _ noArgs) (string, error) { return v.text(), nil }

type lineArgs struct {
	Row int `lua:"row,arg1" doc:"Row, from 1."`
}

func screenLine(_ *kit.Call, v *view, a lineArgs) (line string, err error) {
	v.Look(func(s *screen.Screen) {
		if _, rows := s.Size(); a.Row < 1 || a.Row > rows {
			err = fault.New(fault.Usage, "the screen has %d rows, there is no row %d", rows, a.Row)
			return
		}
		line = s.Line(a.Row - 1)
	})
	return line, err
}

func screenLines(_ *kit.Call, v *view, _ noArgs) (lines []string, err error) {
	v.Look(func(s *screen.Screen) { lines = s.Lines() })
	return lines, nil
}

func screenHistory(_ *kit.Call, v *view, _ noArgs) (lines []string, err error) {
	v.Look(func(s *screen.Screen) { lines = s.History() })
	return lines, nil
}

type containsArgs struct {
	Text string `lua:"text,arg1" doc:"What to look for."`
}

func screenContains(_ *kit.Call, v *view, a containsArgs) (bool, error) {
	return strings.Contains(v.text(), a.Text), nil
}

// place is where the cursor is.
type place struct {
	Row     int  `lua:"row" doc:"Row, from 1."`
	Col     int  `lua:"col" doc:"Column, from 1."`
	Visible bool `lua:"visible" doc:"Whether it is shown."`
}

func screenCursor(_ *kit.Call, v *view, _ noArgs) (at place, err error) {
	v.Look(func(s *screen.Screen) {
		c := s.Cursor()
		at = place{c.Row + 1, c.Col + 1, c.Visible}
	})
	return at, nil
}

type cellArgs struct {
	Row int `lua:"row,arg1" doc:"Row, from 1."`
	Col int `lua:"col,arg2" doc:"Column, from 1."`
}

// cell is one place of the screen.
type cell struct {
	Text       string `lua:"text" doc:"The character with what is combined with it; \"\" where nothing was written, and in the second place of a wide one."`
	Foreground string `lua:"foreground" doc:"Colour: default, the name of one of 16 (red, bright_red ...), a number of 256, or #rrggbb."`
	Background string `lua:"background" doc:"The same, behind the character."`
	Bold       bool   `lua:"bold" doc:"Bold."`
	Faint      bool   `lua:"faint" doc:"Faint."`
	Italic     bool   `lua:"italic" doc:"Italic."`
	Underline  bool   `lua:"underline" doc:"Underlined."`
	Blink      bool   `lua:"blink" doc:"Blinking."`
	Reverse    bool   `lua:"reverse" doc:"With the colours exchanged, as menus show what is chosen."`
	Hidden     bool   `lua:"hidden" doc:"Not shown."`
	Strike     bool   `lua:"strike" doc:"Struck out."`
}

func screenCell(_ *kit.Call, v *view, a cellArgs) (out cell, err error) {
	v.Look(func(s *screen.Screen) {
		cols, rows := s.Size()
		if a.Row < 1 || a.Row > rows || a.Col < 1 || a.Col > cols {
			err = fault.New(fault.Usage, "the screen has %d rows and %d columns, there is no place %d, %d", rows, cols, a.Row, a.Col)
			return
		}
		out = cellOf(s.Cell(a.Row-1, a.Col-1))
	})
	return out, err
}

func cellOf(c screen.Cell) cell {
	has := func(a screen.Attr) bool { return c.Style.Attr&a != 0 }
	out := cell{
		Foreground: colour(c.Style.Fore), Background: colour(c.Style.Back),
		Bold: has(screen.Bold), Faint: has(screen.Faint), Italic: has(screen.Italic), Underline: has(screen.Underline),
		Blink: has(screen.Blink), Reverse: has(screen.Reverse), Hidden: has(screen.Hidden), Strike: has(screen.Strike),
	}
	if c.Rune != 0 {
		out.Text = string(c.Rune) + c.Marks
	}
	return out
}

var colours = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

func colour(c screen.Colour) string {
	if r, g, b, ok := c.RGB(); ok {
		return fmt.Sprintf("#%02x%02x%02x", r, g, b)
	}
	n, ok := c.Palette()
	switch {
	case !ok:
		return "default"
	case n < 8:
		return colours[n]
	case n < 16:
		return "bright_" + colours[n-8]
	}
	return fmt.Sprint(n)
}

type pressArgs struct {
	Keys []string `lua:"keys,rest" doc:"Names of keys."`
}

// press sends keys as the program asked the terminal to.
func press(c *kit.Call, v *view, a pressArgs) (kit.None, error) {
	var text strings.Builder
	for _, name := range a.Keys {
		var sent string
		var ok bool
		v.Look(func(s *screen.Screen) { sent, ok = s.Key(name) })
		if !ok {
			e := fault.New(fault.Usage, "there is no key %q", name)
			if near := suggest.Nearest(name, screen.KeyNames()); near != "" {
				e.Message += fmt.Sprintf(" (did you mean %q?)", near)
			}
			return kit.None{}, e.WithHint("characters are sent with send")
		}
		text.WriteString(sent)
	}
	return kit.None{}, v.process.Send(c.Context, text.String(), 0)
}
