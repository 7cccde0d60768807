package screen

// Cell is one place of the grid.
type Cell struct {
	Rune  rune   // 0 where nothing was written
	Marks string // combining characters on top of it
	Part  Part
	Style Style
}

// Part tells the cells of wide characters from the others.
type Part uint8

// A wide character has two cells; the second has no character of its own.
const (
	Single Part = iota
	Head
	Tail
)

// Style is how a cell looks. The zero Style is plain text.
type Style struct {
	Fore, Back Colour
	Attr       Attr
}

// Attr is a set of attributes.
type Attr uint16

// The attributes of SGR.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Underline
	Blink
	Reverse
	Hidden
	Strike
)

// Colour is the default colour (0), one of a palette of 256, or red, green and
// blue.
type Colour uint32

const (
	palette Colour = 1 << 24
	direct  Colour = 2 << 24
)

// Palette is a colour by its number: 0 to 7 are black, red, green, yellow,
// blue, magenta, cyan and white, 8 to 15 the same in bright.
func Palette(n uint8) Colour { return palette | Colour(n) }

// RGB is a colour by its parts.
func RGB(r, g, b uint8) Colour {
	return direct | Colour(r)<<16 | Colour(g)<<8 | Colour(b)
}

// Palette gives the number of a palette colour.
func (c Colour) Palette() (n uint8, ok bool) { return uint8(c), c>>24 == palette>>24 }

// RGB gives the parts of a direct colour.
func (c Colour) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c>>24 == direct>>24
}
