package screen

import "fmt"

// What the terminal says it is: a VT100 with the advanced video option, as
// tmux, screen and libvterm say. A better name would invite programs to ask on.
const (
	deviceAttributes = "\x1b[?1;2c"
	deviceVersion    = "\x1b[>0;10;0c"
)

// reply keeps an answer for the program, unless too many wait already.
func (s *Screen) reply(answer string) {
	if len(s.replies)+len(answer) <= maxReplies {
		s.replies = append(s.replies, answer...)
	}
}

func (s *Screen) reportDevice(p *params, answer string) {
	if p.get(0) == 0 {
		s.reply(answer)
	}
}

// reportStatus is DSR: that all is well, or where the cursor is.
func (s *Screen) reportStatus(what int, prefix string) {
	switch {
	case what == 5 && prefix == "":
		s.reply("\x1b[0n")
	case what == 6:
		s.reply(fmt.Sprintf("\x1b[%s%d;%dR", prefix, s.cursor.row-s.originRow()+1, s.cursor.col+1))
	}
}

// reportWindow tells the size. It does not tell the title: a program could
// have set it to a command, and the answer is typed.
func (s *Screen) reportWindow(what int) {
	if what == 18 {
		s.reply(fmt.Sprintf("\x1b[8;%d;%dt", s.rows, s.cols))
	}
}

// reportMode is DECRQM: 1 for on, 2 for off, 0 for a mode not known.
func (s *Screen) reportMode(n int, private bool) {
	table, prefix := ansiModes, ""
	if private {
		table, prefix = privateModes, "?"
	}
	state := 0
	switch find := table[n]; {
	case find != nil:
		state = onOff(*find(&s.mode))
	case private && n == 25:
		state = onOff(!s.mode.hidden)
	case private && (n == 47 || n == 1047 || n == 1049):
		state = onOff(s.alternate)
	}
	s.reply(fmt.Sprintf("\x1b[%s%d;%d$y", prefix, n, state))
}

func onOff(on bool) int {
	if on {
		return 1
	}
	return 2
}
