package host

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shell"
)

// Jobs that stay on their host. What is known of one is in a folder of its user
// there, ~/.gofab/jobs/ID or below /tmp, for that user alone:
//
//	command    as it was given
//	pid        process id of the shell around it
//	out, err   its output
//	begun      when it started, in seconds of the epoch
//	code       its exit code, and when it ended
//
// A job without a code whose process is gone is lost: it was killed, or its
// host went down.

// staying is a job that stays.
type staying struct {
	h       *Handle // with the user of the job, and nothing else of a scope
	id      string
	command string
	options command.Options // check, ok_codes, max_output
}

// stay starts a job that stays. Everything around the command is composed here
// as for any other; its streams go to the folder.
func (h *Handle) stay(ctx context.Context, id string, words command.Words, o command.Options) (*staying, error) {
	if !o.Stdin.IsZero() || len(o.Watch) > 0 || o.PTY || o.Timeout > 0 {
		return nil, fault.New(fault.Usage, "a command that stays has no stdin, watch, pty or timeout").
			WithHint("put them into the line, such as timeout 60 COMMAND < FILE")
	}
	child, err := shell.Child(shell.Command{
		Line: words.Line, Args: words.Args, Prefix: o.Prefix, Shell: string(o.Shell), Login: o.Login, Env: o.Env, ReplaceEnv: o.ReplaceEnv,
	})
	if err != nil {
		return nil, err
	}
	s := &staying{h: h.as(o.Scope), id: id, command: words.Text(), options: o}
	dir, err := s.script(ctx, prepareScript, s.command)
	if err != nil {
		return nil, err
	}
	line := "d=" + quoted(dir) + `; echo $$ >"$d/pid"; ` + child + ` >"$d/out" 2>"$d/err" </dev/null; r=$?; ` +
		`echo "$r $(date +%s)" >"$d/code.new"; mv -f "$d/code.new" "$d/code"`
	own := command.Defaults()
	own.Scope = o.Own()
	own.Prefix, own.Detach = nil, true
	if o.ReplaceEnv {
		own.Env = nil // is part of child
	}
	conn, err := s.h.conn(ctx)
	if err != nil {
		return nil, err
	}
	t := Command{Host: h, Words: words, Options: o}.telling(ctx)
	request := command.Request{Host: h.Name, Line: line, Options: own, OnStart: t.start}
	if _, err = command.Run(ctx, conn, request, h.services.Commands); err != nil {
		_, _ = s.script(context.WithoutCancel(ctx), jobDir+`rm -rf "$d"; rmdir "$b" 2>/dev/null || :`)
	}
	return s, err
}

// as is the host with a scope's user and nothing else of it.
func (h *Handle) as(s Scope) *Handle {
	return (&Handle{Host: h.Host, services: h.services, scope: s}).atHome()
}

func (s *staying) script(ctx context.Context, script string, args ...string) (string, error) {
	out, err := s.h.Output(ctx, scriptLine(script, append([]string{s.id}, args...)...), nil, 0)
	return strings.TrimSuffix(string(out), "\n"), err
}

func (s *staying) poll(ctx context.Context) (bool, error) {
	st, err := s.look(ctx, stateScript)
	return st.name == "done" || st.name == "lost", err
}

func (s *staying) pid(ctx context.Context) (int, error) {
	for {
		st, err := s.look(ctx, stateScript)
		if err != nil || st.name != "running" || st.pid != 0 {
			return st.pid, err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil { // it is about to be written
			return 0, err
		}
	}
}

// wait asks again when the link breaks: that is what such a job is for.
func (s *staying) wait(ctx context.Context) (command.Result, error) {
	for {
		st, err := s.look(ctx, awaitScript, "30")
		switch {
		case ctx.Err() != nil:
			return command.Result{}, context.Cause(ctx)
		case isLost(err):
			if err := sleep(ctx, 2*time.Second); err != nil {
				return command.Result{}, err
			}
		case err != nil:
			return command.Result{}, err
		case st.name != "running":
			return s.result(ctx, st)
		}
	}
}

// result reads what the job has left.
func (s *staying) result(ctx context.Context, st state) (command.Result, error) {
	conn, err := s.h.conn(ctx)
	if err != nil {
		return command.Result{}, err
	}
	o := s.h.scope.OwnOptions()
	o.MaxOutput = s.options.MaxOutput
	line := scriptLine(jobDir+`cat "$d/out"; cat "$d/err" >&2`, s.id)
	r, err := command.Run(ctx, conn, command.Request{Host: s.h.Name, Line: line, Options: o}, s.h.services.Commands)
	if err != nil {
		return r, err
	}
	r.Command, r.Duration, r.Line = s.command, st.took, ""
	if st.name == "lost" {
		r.OK, r.Code = false, -1
		e := fault.New(fault.Lost, "the job %s has ended and nobody knows how: %s", s.id, s.command).
			WithHint("it was killed, or the host went down")
		e.Result = r
		return r, e
	}
	r.Code = st.code
	return command.Judge(r, s.options)
}

func (s *staying) tail(ctx context.Context, n int) ([]string, error) {
	text, err := s.script(ctx, jobDir+`{ tail -n "$2" "$d/err"; tail -n "$2" "$d/out"; } 2>/dev/null | tail -n "$2"`, decimal(n))
	if err != nil || text == "" {
		return []string{}, err
	}
	return strings.Split(text, "\n"), nil
}

// lines reads standard output from where it was read last.
func (s *staying) lines() kit.Iter {
	at, open, over := int64(0), "", false
	return func(c *kit.Call) (any, bool, error) {
		for {
			if line, rest, found := strings.Cut(open, "\n"); found || over && open != "" {
				open = rest
				return strings.TrimSuffix(line, "\r"), true, nil
			}
			if over {
				return nil, false, nil
			}
			st, err := s.look(c.Context, stateScript)
			if err != nil {
				return nil, false, err
			}
			more, err := s.h.Output(c.Context, scriptLine(jobDir+`tail -c +"$2" "$d/out" | head -c 262144`, s.id, strconv.FormatInt(at+1, 10)), nil, 1<<20)
			if err != nil {
				return nil, false, err
			}
			at, open = at+int64(len(more)), open+string(more)
			over = st.name != "running" && len(more) == 0
			if st.name == "running" && len(more) == 0 {
				if err := sleep(c.Context, time.Second/2); err != nil {
					return nil, false, err
				}
			}
		}
	}
}

func (s *staying) write(*string) error {
	return fault.New(fault.Usage, "a command that stays has no standard input")
}

// close ends the job and forgets it.
func (s *staying) close(ctx context.Context) error {
	pid, err := s.pid(ctx)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err == nil && pid != 0 {
		_, _ = s.h.Output(ctx, scriptLine(treeScript, "TERM", decimal(pid), ""), nil, 0)
		_, _ = s.look(ctx, awaitScript, "2")
		_, _ = s.h.Output(ctx, scriptLine(treeScript+" 2>/dev/null; :", "KILL", decimal(pid), "all"), nil, 0)
	}
	if err == nil {
		_, err = s.script(ctx, jobDir+`rm -rf "$d"; rmdir "$b" 2>/dev/null || :`)
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
