package command

import (
	"bytes"
	"regexp"
	"strconv"
)

// pidMark takes the process id out of what a command writes: it is the first
// word on its way, see shell.Command.PID.
type pidMark struct {
	mark  *regexp.Regexp
	tell  func(pid int)
	held  []byte
	ended bool
}

// pidLimit is how much may come before the mark, from a cd that failed for
// instance.
const pidLimit = 4 << 10

func newPIDMark(marker string, tell func(pid int)) *pidMark {
	return &pidMark{mark: regexp.MustCompile(regexp.QuoteMeta(marker) + `-pid-(\d+)-`), tell: tell}
}

// filter holds text back until the mark has come.
func (p *pidMark) filter(text []byte) []byte {
	if p.ended {
		return text
	}
	p.held = append(p.held, text...)
	if m := p.mark.FindSubmatchIndex(p.held); m != nil {
		pid, _ := strconv.Atoi(string(p.held[m[2]:m[3]]))
		p.tell(pid)
		return append(bytes.Clone(p.held[:m[0]]), p.rest(m[1])...)
	}
	if len(p.held) > pidLimit {
		return p.rest(0)
	}
	return nil
}

// rest gives what was held back, from a place on.
func (p *pidMark) rest(from int) []byte {
	held := p.held[from:]
	p.held, p.ended = nil, true
	return held
}

// expectPID looks for the process id where the command writes its errors.
func (a *attempt) expectPID(marker string) {
	at := &a.stderr
	if a.job.options.PTY || a.job.transparent {
		at = &a.stdout
	}
	at.pid = newPIDMark(marker, a.job.request.OnPID)
}
