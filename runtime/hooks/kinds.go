package hooks

import (
	"context"
	"reflect"
	"slices"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
	"gofab/runtime/task"
	"gofab/runtime/transport"
)

// none is the result of work that gives nothing.
type none struct{}

func nothing(none) any { return nil }

// Visits is the hooks of tasks for a runner; none when nothing is declared.
func (s *Set) Visits() []task.Around {
	if len(s.of(Task)) == 0 {
		return nil
	}
	return []task.Around{s.visit}
}

// visit puts the hooks of tasks around a task on one host.
func (s *Set) visit(ctx context.Context, v task.Visit, do func(context.Context) error) error {
	hooks, err := s.meant(Task, v.Host.Name, func(h *hook) bool { return h.named(v.Task.Name) })
	if err != nil || len(hooks) == 0 {
		return orDo(err, ctx, do)
	}
	w := &work[none]{set: s, give: nothing, what: func() map[string]any {
		return map[string]any{"task": v.Task.Name, "where": v.Task.Where, "host": s.services.Handle(v.Host), "args": v.Values}
	}}
	_, err = w.nest(hooks, func(ctx context.Context) (none, error) { return none{}, do(ctx) })(ctx)
	return err
}

func orDo(err error, ctx context.Context, do func(context.Context) error) error {
	if err != nil {
		return err
	}
	return do(ctx)
}

// meant lists the hooks of a kind that are for one host.
func (s *Set) meant(kind, name string, fits func(*hook) bool) ([]*hook, error) {
	var list []*hook
	for _, h := range s.of(kind) {
		if !fits(h) {
			continue
		}
		ok, err := h.on(s.ctx, s.inventory, name)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, h)
		}
	}
	return list, nil
}

// command puts the hooks of commands around one command.
func (s *Set) command(ctx context.Context, c host.Command, do func(context.Context) (command.Result, error)) (command.Result, error) {
	if len(s.of(Command)) == 0 || ctx.Value(insideKey{}) != nil {
		return do(ctx)
	}
	text := c.Words.Text()
	hooks, err := s.meant(Command, c.Host.Name, func(h *hook) bool { return h.line == nil || h.line.MatchString(text) })
	if err != nil {
		return command.Result{Code: -1, Host: c.Host.Name}, err
	}
	o := c.Options
	w := &work[command.Result]{
		set: s,
		what: func() map[string]any {
			return map[string]any{
				"command": text, "host": s.services.Handle(c.Host.Host), "cwd": o.Cwd, "env": o.Env, "user": o.User,
				"sudo": o.Sudo || o.User != "", "dry": o.Dry,
			}
		},
		more: ended,
		give: func(r command.Result) any { return r },
		take: func(_ *hook, ran bool, r command.Result, returned any) (command.Result, error) {
			return answer(c, text, ran, r, returned)
		},
	}
	return w.nest(hooks, do)(ctx)
}

// ended is what after hooks of commands get besides.
func ended(r command.Result) map[string]any {
	more := map[string]any{"result": r, "code": r.Code, "ok": r.OK}
	if !r.OK && r.Code > 0 {
		more["state"] = string(event.Failed)
	}
	return more
}

// answerKeys are what a hook can say of a result; the others are facts.
var answerKeys = []string{"ok", "code", "stdout", "stderr"}

// resultKeys are all that a result has.
var resultKeys = func() (keys []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[command.Result]()) {
		keys = append(keys, f.Tag.Get("lua"))
	}
	return keys
}()

// answer is the result of a command as an around hook left it.
func answer(c host.Command, text string, ran bool, r command.Result, returned any) (command.Result, error) {
	table, ok := returned.(map[string]any)
	switch {
	case returned == nil && ran:
		return r, nil
	case returned == nil:
		return r, fault.New(fault.Usage, "it neither ran the command nor gave a result").
			WithHint("call the second argument, or return { code = 0, stdout = \"\" }")
	case !ok:
		return r, fault.New(fault.Usage, "a result is a table, not %v", returned)
	}
	if !ran {
		r = command.Result{Host: c.Host.Name, Command: text}
		r.OK = true
	}
	for key, value := range table {
		if err := set(&r, key, value); err != nil {
			return r, err
		}
	}
	if _, said := table["ok"]; !said {
		r.OK = r.Code == 0 || slices.Contains(c.Options.OKCodes, r.Code)
	}
	if !r.OK && c.Options.Check {
		e := fault.New(fault.Exit, "%s: exit code %d", text, r.Code)
		e.Host, e.Result = c.Host.Name, r
		return r, e
	}
	return r, nil
}

func set(r *command.Result, key string, value any) error {
	var ok bool
	switch key {
	case "ok":
		r.OK, ok = value.(bool)
	case "code":
		var n float64
		n, ok = value.(float64)
		r.Code = int(n)
	case "stdout":
		r.Stdout, ok = value.(string)
		r.StdoutBytes = int64(len(r.Stdout))
	case "stderr":
		r.Stderr, ok = value.(string)
		r.StderrBytes = int64(len(r.Stderr))
	default:
		if slices.Contains(resultKeys, key) {
			return nil
		}
		e := fault.New(fault.Usage, "unknown key %q of a result", key)
		if near := suggest.Nearest(key, answerKeys); near != "" {
			e.Message += " (did you mean \"" + near + "\"?)"
		}
		return e
	}
	if !ok {
		return fault.New(fault.Usage, "%s of a result: unexpected %v", key, value)
	}
	return nil
}

// Dial puts the hooks of connections around one connection that is made.
func (s *Set) Dial(ctx context.Context, h *inventory.Host, dial transport.Dial) (transport.Conn, error) {
	ctx = transport.Dialing(ctx, h.Name)
	hooks, err := s.meant(Connect, h.Name, func(*hook) bool { return true })
	if err != nil {
		return nil, err
	}
	if len(hooks) == 0 {
		return dial(ctx, h)
	}
	w := &work[transport.Conn]{
		set: s,
		what: func() map[string]any {
			return map[string]any{"host": h.Name, "address": h.Address, "user": h.User, "transport": h.Transport, "groups": h.Groups, "vars": h.Vars}
		},
		give: func(transport.Conn) any { return nil },
		take: func(_ *hook, ran bool, c transport.Conn, _ any) (transport.Conn, error) {
			if !ran {
				return nil, fault.New(fault.Usage, "it did not connect").WithHint("call the second argument")
			}
			return c, nil
		},
	}
	conn, err := w.nest(hooks, func(ctx context.Context) (transport.Conn, error) { return dial(ctx, h) })(ctx)
	if err != nil && conn != nil {
		_ = conn.Close()
		conn = nil
	}
	return conn, err
}

// Whole puts the hooks of runs around the work of a run.
func (s *Set) Whole(ctx context.Context, start event.RunStart, do func(context.Context) ([]event.HostResult, error)) ([]event.HostResult, error) {
	w := &work[[]event.HostResult]{
		set: s,
		what: func() map[string]any {
			return map[string]any{"file": start.File, "tasks": start.Tasks, "hosts": start.Hosts}
		},
		more: states,
		give: func(results []event.HostResult) any { return states(results)["states"] },
		take: func(_ *hook, _ bool, r []event.HostResult, _ any) ([]event.HostResult, error) { return r, nil },
	}
	return w.nest(s.of(Run), do)(ctx)
}

// states tells how each host ended.
func states(results []event.HostResult) map[string]any {
	list, worst := map[string]string{}, event.OK
	for _, r := range results {
		list[r.Host] = string(r.State)
		if r.State != event.OK && !worst.Bad() {
			worst = r.State
		}
	}
	return map[string]any{"states": list, "state": string(worst)}
}
