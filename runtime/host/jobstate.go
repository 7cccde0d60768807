package host

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
)

// The scripts that look after jobs that stay, and what they print.

// jobsDir sets b to the folder of all jobs: of a user who cannot write to his
// home, one below /tmp.
const jobsDir = `b=$HOME/.gofab/jobs; [ -d "$b" ] || [ -w "$HOME" ] || b=/tmp/gofab-jobs-$(id -u); `

// jobDir sets d to the folder of the job $1.
const jobDir = jobsDir + `d=$b/$1; `

// prepareScript makes the folder; $2 is the command.
const prepareScript = `umask 077; ` + jobDir + `mkdir -p "$d" || exit
[ -O "$b" ] && [ ! -h "$b" ] || { echo "$b belongs to somebody else" >&2; exit 1; }; : >"$d/out" && : >"$d/err" && printf %s "$2" >"$d/command" && ` +
	`date +%s >"$d/begun" && printf %s "$d"`

// stateScript prints running, done and the code with the times, lost, or gone.
const stateScript = jobDir + `[ -d "$d" ] || { echo gone; exit; }
over() { [ -e "$d/code" ] && echo "done $(cat "$d/code") $(cat "$d/begun")"; }
over && exit
p=$(cat "$d/pid" 2>/dev/null) && [ -n "$p" ] && ! kill -0 "$p" 2>/dev/null && { over || echo lost; exit; }
echo "running $p"`

// awaitScript waits for up to $2 seconds before it tells the state; the first
// of them are short, where sleep knows such.
const awaitScript = jobDir + `i=0
while [ -d "$d" ] && [ ! -e "$d/code" ] && [ "$i" -lt "$2" ]; do
  p=$(cat "$d/pid" 2>/dev/null) && [ -n "$p" ] && ! kill -0 "$p" 2>/dev/null && break
  { [ "$i" -lt 10 ] && sleep 0.1 2>/dev/null; } || sleep 1
  i=$((i+1))
done
` + stateScript

// state is what is known of a job.
type state struct {
	name  string // running, done, lost, gone
	code  int
	took  time.Duration
	pid   int
	begun int64
}

func (s *staying) look(ctx context.Context, script string, args ...string) (state, error) {
	text, err := s.script(ctx, script, args...)
	if err != nil {
		return state{}, err
	}
	st, ok := parseState(text)
	switch {
	case !ok:
		return st, fault.New(fault.Protocol, "the state of the job %s is not readable: %q", s.id, text)
	case st.name == "gone":
		return st, fault.New(fault.NotFound, "no job %s", s.id).WithHint("h:jobs() lists them, for the user of the scope")
	}
	return st, nil
}

func parseState(text string) (st state, ok bool) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return st, false
	}
	st.name = words[0]
	switch st.name {
	case "gone", "lost":
		return st, true
	case "running":
		if len(words) > 1 {
			st.pid, _ = strconv.Atoi(words[1])
		}
		return st, true
	case "done":
		var ended, begun int64
		if len(words) < 4 {
			return st, false
		}
		_, err := fmt.Sscan(strings.Join(words[1:4], " "), &st.code, &ended, &begun)
		st.took, st.begun = time.Duration(ended-begun)*time.Second, begun
		return st, err == nil
	}
	return st, false
}
