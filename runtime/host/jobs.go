package host

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
)

type jobArgs struct {
	ID string `lua:"id,arg1" doc:"What p.id was when it was started."`
}

var jobID = regexp.MustCompile(`^[a-z0-9]+$`)

// job finds a job that stays on the host.
func job(c *kit.Call, h *Handle, a jobArgs) (*Job, error) {
	if !jobID.MatchString(a.ID) {
		return nil, h.named(fault.New(fault.Usage, "%q is not the name of a job", a.ID))
	}
	s := &staying{h: h.atHome(), id: a.ID, options: command.Defaults()}
	text, err := s.script(c.Context, jobDir+`[ ! -e "$d/command" ] || { printf =; cat "$d/command"; }`)
	if err == nil && text == "" {
		err = fault.New(fault.NotFound, "no job %s", a.ID).WithHint("h:jobs() lists them, for the user of the scope")
	}
	s.command = strings.TrimPrefix(text, "=")
	return &Job{ID: a.ID, host: h, command: s.command, stays: true, run: s}, h.named(err)
}

// KnownJob is one line of h:jobs.
type KnownJob struct {
	ID      string    `lua:"id" doc:"Name for h:job."`
	State   string    `lua:"state" doc:"running, done or lost."`
	Code    *int      `lua:"code" doc:"Exit code, when it is done."`
	Command string    `lua:"command" doc:"First line of the command."`
	Begun   time.Time `lua:"begun" doc:"When it was started, by the clock of the host."`
}

// jobsScript prints a line for each job: id, begun, state, first line of the
// command.
const jobsScript = jobsDir + `cd "$b" 2>/dev/null || exit 0
for i in *; do [ -e "$i/command" ] || continue
echo "$i $(cat "$i/begun") $(/bin/sh -c "$1" gofab "$i" | tr ' ' ,) $(head -n 1 "$i/command")"; done`

func jobs(c *kit.Call, h *Handle, _ struct{}) ([]KnownJob, error) {
	out, err := h.atHome().Output(c.Context, scriptLine(jobsScript, stateScript), nil, 0)
	list := []KnownJob{}
	for line := range strings.Lines(string(out)) {
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
		if len(words) < 4 {
			continue
		}
		st, ok := parseState(strings.ReplaceAll(words[2], ",", " "))
		begun, _ := strconv.ParseInt(words[1], 10, 64)
		if !ok {
			continue
		}
		k := KnownJob{ID: words[0], State: st.name, Command: words[3], Begun: time.Unix(begun, 0)}
		if st.name == "done" {
			k.Code = &st.code
		}
		list = append(list, k)
	}
	return list, err
}
