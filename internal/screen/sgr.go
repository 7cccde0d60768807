package screen

// attributes says what each number of SGR switches on and off.
var attributes = map[int]struct{ on, off Attr }{
	1: {on: Bold}, 2: {on: Faint}, 3: {on: Italic}, 4: {on: Underline}, 5: {on: Blink}, 6: {on: Blink},
	7: {on: Reverse}, 8: {on: Hidden}, 9: {on: Strike}, 21: {on: Underline},
	22: {off: Bold | Faint}, 23: {off: Italic}, 24: {off: Underline}, 25: {off: Blink},
	27: {off: Reverse}, 28: {off: Hidden}, 29: {off: Strike},
}

// sgr sets how the next characters look.
func (s *Screen) sgr(p *params) {
	if p.n == 0 {
		s.style = Style{}
	}
	for i := 0; i < p.n; {
		i += s.attribute(p, i)
	}
}

// attribute acts on one number and tells how many belong to it.
func (s *Screen) attribute(p *params, i int) int {
	n, subs := p.get(i), p.subs(i)
	change, known := attributes[n]
	switch {
	case n == 0:
		s.style = Style{}
	case n == 4 && subs > 0 && p.get(i+1) == 0: // 4:0 is no underline
		s.style.Attr &^= Underline
	case known:
		s.style.Attr = s.style.Attr&^change.off | change.on
	case n == 38, n == 48, n == 58:
		return s.extended(p, i, subs)
	default:
		s.simpleColour(n)
	}
	return 1 + subs
}

func (s *Screen) simpleColour(n int) {
	switch {
	case n >= 30 && n <= 37:
		s.style.Fore = Palette(uint8(n - 30))
	case n == 39:
		s.style.Fore = 0
	case n >= 40 && n <= 47:
		s.style.Back = Palette(uint8(n - 40))
	case n == 49:
		s.style.Back = 0
	case n >= 90 && n <= 97:
		s.style.Fore = Palette(uint8(n - 90 + 8))
	case n >= 100 && n <= 107:
		s.style.Back = Palette(uint8(n - 100 + 8))
	}
}

// extended is 38;5;n and 38;2;r;g;b, also with colons and then with an empty
// colour space; 48 is the same for the background. The colour of underlines
// (58) is read and forgotten.
func (s *Screen) extended(p *params, i, subs int) int {
	used, at := 1+subs, i+2
	if subs == 0 {
		used = map[int]int{5: 3, 2: 5}[p.get(i+1)]
	} else if subs >= 5 {
		at++ // the colour space
	}
	var colour Colour
	switch kind := p.get(i + 1); {
	case kind == 5 && at < p.n && p.get(at) < 256:
		colour = Palette(uint8(p.get(at)))
	case kind == 2 && at+2 < p.n && max(p.get(at), p.get(at+1), p.get(at+2)) < 256:
		colour = RGB(uint8(p.get(at)), uint8(p.get(at+1)), uint8(p.get(at+2)))
	default:
		return max(used, 2)
	}
	switch p.get(i) {
	case 38:
		s.style.Fore = colour
	case 48:
		s.style.Back = colour
	}
	return used
}

// subs counts the numbers that belong to number i by colons.
func (p *params) subs(i int) int {
	n := 0
	for i+n+1 < p.n && p.sub[i+n+1] {
		n++
	}
	return n
}
