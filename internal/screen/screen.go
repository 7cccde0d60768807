// Package screen is a terminal without glass: it takes what a program writes
// to a VT100 or xterm and knows what a person would see.
//
// Rules: any bytes are accepted, nothing panics and nothing fails; what is not
// understood is left out, never shown. The result depends on the bytes alone,
// not on the pieces they came in. Memory is bounded: the grid, the history,
// the title, one escape sequence and the answers that wait to be fetched all
// have a limit. Where terminals differ, xterm is followed; the input is UTF-8. A Screen is not safe for several goroutines at once.
//
// parser.go finds the sequences in the bytes, csi.go, escape.go and osc.go act
// on them, grid.go moves the cells. live.go is for several goroutines.
package screen

// Limits of what a program can make a screen hold.
const (
	maxSide    = 1000 // columns or rows
	maxMarks   = 8    // combining characters on one cell
	maxTitle   = 1024 // bytes
	maxReplies = 4096 // bytes of answers not fetched yet
)

// Screen is the state of one terminal.
type Screen struct {
	cols, rows  int
	main, other grid // other is the alternate screen, nil until it is used
	alternate   bool
	cursor      position
	style       Style
	charset     charset
	saved       [2]saved // by DECSC: of the main and of the alternate screen
	top, bottom int      // first and last row of the scroll region
	mode        modes
	tabs        []bool
	title       string
	last        rune // what REP repeats
	printed     printed
	history     history
	replies     []byte
	parser      parser
}

// position is where the next character goes. After the last column was written
// the cursor stays on it and the line break is pending, as on a VT100.
type position struct {
	row, col int
	pending  bool
}

// printed is the column of the last character, and the cursor after it.
type printed struct {
	col   int
	after position
}

// saved is what DECSC keeps.
type saved struct {
	cursor  position
	style   Style
	charset charset
	origin  bool
}

// Cursor is what can be seen of the cursor, counted from 0.
type Cursor struct {
	Row, Col int
	Visible  bool
}

// New makes a blank screen. Up to lines rows that scroll off its top are kept
// as history. Sizes outside 1 to 1000 are brought inside.
func New(cols, rows, lines int) *Screen {
	s := &Screen{history: history{limit: max(lines, 0)}}
	s.cols, s.rows = side(cols), side(rows)
	s.reset()
	return s
}

func side(n int) int { return min(max(n, 1), maxSide) }

// reset is the state after power-on, for the size there is (RIS).
func (s *Screen) reset() {
	*s = Screen{cols: s.cols, rows: s.rows, history: history{limit: s.history.limit}, replies: s.replies}
	s.main = newGrid(s.cols, s.rows)
	s.tabs = defaultTabs(s.cols)
	s.bottom = s.rows - 1
	s.mode = modes{wrap: true}
}

// Size gives the columns and rows.
func (s *Screen) Size() (cols, rows int) { return s.cols, s.rows }

// Cursor tells where the cursor is.
func (s *Screen) Cursor() Cursor {
	return Cursor{Row: s.cursor.row, Col: s.cursor.col, Visible: !s.mode.hidden}
}

// Title is the title the program gave the window.
func (s *Screen) Title() string { return s.title }

// Alternate tells whether the program switched to the alternate screen, as
// editors and pagers do.
func (s *Screen) Alternate() bool { return s.alternate }

// Replies gives what the terminal has to answer, and forgets it: the caller
// writes it to the input of the program.
func (s *Screen) Replies() []byte {
	out := s.replies
	s.replies = nil
	return out
}

// grid is the one that is shown.
func (s *Screen) grid() grid {
	if s.alternate {
		return s.other
	}
	return s.main
}

// show switches between the two.
func (s *Screen) show(alternate bool) {
	if alternate && s.other == nil {
		s.other = newGrid(s.cols, s.rows)
	}
	s.alternate = alternate
}

// line is the row of the cursor.
func (s *Screen) line() []Cell { return s.grid()[s.cursor.row] }

// blank is an erased cell: it has the background colour of now.
func (s *Screen) blank() Cell { return Cell{Style: Style{Back: s.style.Back}} }
