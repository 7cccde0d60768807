package screen

// grid is the rows of one buffer, each with one cell for every column. Rows
// are moved, not copied.
type grid [][]Cell

func newGrid(cols, rows int) grid {
	g := make(grid, rows)
	for i := range g {
		g[i] = make([]Cell, cols)
	}
	return g
}

// scrollUp moves rows first to last up by n; blank rows come in below.
func (g grid) scrollUp(first, last, n int, blank Cell) {
	rows := g[first : last+1]
	n = min(n, len(rows))
	rotate(rows, n)
	for _, row := range rows[len(rows)-n:] {
		fill(row, blank)
	}
}

// scrollDown moves rows first to last down by n; blank rows come in above.
func (g grid) scrollDown(first, last, n int, blank Cell) {
	rows := g[first : last+1]
	n = min(n, len(rows))
	rotate(rows, len(rows)-n)
	for _, row := range rows[:n] {
		fill(row, blank)
	}
}

// rotate brings rows[n] to the front.
func rotate(rows [][]Cell, n int) {
	if n == 0 || n == len(rows) {
		return
	}
	if n == 1 { // the everyday case
		first := rows[0]
		copy(rows, rows[1:])
		rows[len(rows)-1] = first
		return
	}
	moved := append([][]Cell(nil), rows[:n]...)
	copy(rows, rows[n:])
	copy(rows[len(rows)-n:], moved)
}

func fill(row []Cell, with Cell) {
	for i := range row {
		row[i] = with
	}
}

// erase blanks the cells from first up to end, and the other half of a wide
// character that is cut.
func erase(row []Cell, first, end int, blank Cell) {
	if first >= end {
		return
	}
	split(row, first)
	split(row, end)
	fill(row[first:end], blank)
}

// split makes sure that no wide character lies across the left edge of a
// column: both halves become spaces.
func split(row []Cell, col int) {
	if col <= 0 || col >= len(row) || row[col].Part != Tail {
		return
	}
	row[col-1] = Cell{Style: row[col-1].Style}
	row[col] = Cell{Style: row[col].Style}
}

// insert makes room for n blank cells; what is pushed over the edge is lost.
func insert(row []Cell, at, n int, blank Cell) {
	n = min(n, len(row)-at)
	split(row, at)
	split(row, len(row)-n)
	copy(row[at+n:], row[at:])
	fill(row[at:at+n], blank)
}

// remove takes n cells out; blank ones come in at the right edge.
func remove(row []Cell, at, n int, blank Cell) {
	n = min(n, len(row)-at)
	split(row, at)
	split(row, at+n)
	copy(row[at:], row[at+n:])
	fill(row[len(row)-n:], blank)
}

// resized gives a grid of another size: the first cells of the rows from first
// on, blank where there were none.
func (g grid) resized(cols, rows, first int) grid {
	out := newGrid(cols, rows)
	for i := range out {
		if first+i >= len(g) {
			break
		}
		from := g[first+i]
		split(from, cols)
		copy(out[i], from)
	}
	return out
}
