package sshkey

import (
	"crypto/sha256"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

// The field of the drunken bishop (Loss, Limmer, von Gernler, 2009), in the
// size and with the symbols of OpenSSH.
const (
	artWidth   = 17
	artHeight  = 9
	artSymbols = " .o+=*BOX@%&#/^SE"
)

// Art draws a key's fingerprint, as ssh-keygen -lv does.
func Art(key ssh.PublicKey) string {
	sum := sha256.Sum256(key.Marshal())
	var field [artHeight][artWidth]int
	last := len(artSymbols) - 1
	x, y := artWidth/2, artHeight/2
	for _, b := range sum {
		for range 4 {
			x = min(max(x+int(b&1)*2-1, 0), artWidth-1)
			y = min(max(y+int(b&2)-1, 0), artHeight-1)
			if field[y][x] < last-2 {
				field[y][x]++
			}
			b >>= 2
		}
	}
	field[artHeight/2][artWidth/2], field[y][x] = last-1, last
	title := "[" + Kind(key) + " " + strconv.Itoa(Bits(key)) + "]"
	if len(title) > artWidth {
		title = "[" + Kind(key) + "]"
	}
	out := edge(title)
	for _, row := range field {
		out += "|"
		for _, visits := range row {
			out += string(artSymbols[min(visits, last)])
		}
		out += "|\n"
	}
	return out + strings.TrimSuffix(edge("[SHA256]"), "\n")
}

// edge is a border with a title in its middle.
func edge(title string) string {
	left := (artWidth - len(title)) / 2
	return "+" + strings.Repeat("-", left) + title + strings.Repeat("-", artWidth-left-len(title)) + "+\n"
}
