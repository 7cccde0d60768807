package event

import (
	"fmt"
	"math"
	"strconv"

	"gofab/internal/secret"
)

// visit replaces one text of an event. The key is the path of the JSON keys:
// "line", "error.message", "hosts.3".
type visit func(key, text string) string

func (e RunStart) each(f visit) Event {
	e.File, e.Tasks, e.Hosts = f("file", e.File), f.list("tasks", e.Tasks), f.list("hosts", e.Hosts)
	return e
}

func (e RunEnd) each(f visit) Event {
	failures := make([]HostFailure, len(e.Summary.Failures))
	for i, failure := range e.Summary.Failures {
		key := "summary.failures." + strconv.Itoa(i)
		failures[i] = HostFailure{f(key+".host", failure.Host), failure.State, f.failure(key+".error", failure.Error)}
	}
	e.Summary.Failures = failures
	return e
}

func (e TaskStart) each(f visit) Event {
	e.Task, e.Host = f("task", e.Task), f("host", e.Host)
	return e
}

func (e TaskEnd) each(f visit) Event {
	e.Task, e.Host, e.Error = f("task", e.Task), f("host", e.Host), f.failure("error", e.Error)
	return e
}

func (e HostState) each(f visit) Event {
	e.Host, e.Error = f("host", e.Host), f.failure("error", e.Error)
	return e
}

func (e Connected) each(f visit) Event {
	e.Host, e.Transport, e.Address = f("host", e.Host), f("transport", e.Transport), f("address", e.Address)
	e.User, e.Detail = f("user", e.User), f("detail", e.Detail)
	return e
}

func (e Batch) each(f visit) Event {
	e.Task, e.Hosts = f("task", e.Task), f.list("hosts", e.Hosts)
	return e
}

func (e GroupStart) each(f visit) Event {
	e.Hosts, e.Command = f.list("hosts", e.Hosts), f("command", e.Command)
	return e
}

func (e GroupResult) each(f visit) Event {
	e.Command = f("command", e.Command)
	groups := make([]Folded, len(e.Groups))
	for i, group := range e.Groups {
		key := "groups." + strconv.Itoa(i)
		group.Hosts = f.list(key+".hosts", group.Hosts)
		group.Output = f(key+".output", group.Output)
		groups[i] = group
	}
	e.Groups = groups
	return e
}

func (e CommandStart) each(f visit) Event {
	e.Host, e.Command = f("host", e.Host), f("command", e.Command)
	e.Cwd, e.User, e.Sent = f("cwd", e.Cwd), f("user", e.User), f("sent", e.Sent)
	return e
}

func (e Output) each(f visit) Event {
	e.Host, e.Stream, e.Line = f("host", e.Host), f("stream", e.Stream), f("line", e.Line)
	return e
}

func (e CommandEnd) each(f visit) Event {
	e.Host, e.Command = f("host", e.Host), f("command", e.Command)
	return e
}

func (e Transfer) each(f visit) Event {
	e.Host, e.Direction, e.Path = f("host", e.Host), f("direction", e.Direction), f("path", e.Path)
	return e
}

func (e Print) each(f visit) Event {
	e.Host, e.Text = f("host", e.Host), f("text", e.Text)
	return e
}

func (e Log) each(f visit) Event {
	e.Host, e.Text = f("host", e.Host), f("text", e.Text)
	if e.Fields != nil {
		e.Fields = f.fields("fields", e.Fields)
	}
	return e
}

func (e Warning) each(f visit) Event {
	e.Host, e.Text, e.Hint = f("host", e.Host), f("text", e.Text), f("hint", e.Hint)
	return e
}

func (e Problem) each(f visit) Event {
	e.Error = f.failure("error", e.Error)
	return e
}

func (f visit) list(key string, texts []string) []string {
	all := make([]string, len(texts)) // never nil: JSON gets [] and not null
	for i, text := range texts {
		all[i] = f(key+"."+strconv.Itoa(i), text)
	}
	return all
}

func (f visit) failure(key string, e *Failure) *Failure {
	if e == nil {
		return nil
	}
	all := Failure{
		Kind: e.Kind, Message: f(key+".message", e.Message), Hint: f(key+".hint", e.Hint),
		Where: f(key+".where", e.Where), Host: f(key+".host", e.Host),
	}
	if len(e.Trace) > 0 {
		all.Trace = f.list(key+".trace", e.Trace)
	}
	return &all
}

func (f visit) fields(key string, fields map[string]any) map[string]any {
	all := make(map[string]any, len(fields))
	for name, value := range fields {
		all[f(key+"."+name+".name", name)] = f.value(key+"."+name, value)
	}
	return all
}

// value leaves plain numbers and makes texts of everything else, so that JSON
// can hold it and the redactor has seen it.
func (f visit) value(key string, value any) any {
	switch v := value.(type) {
	case nil, bool, int, int64, uint64:
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return v
	case string:
		return f(key, v)
	case secret.Value:
		return secret.Mask
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = f.value(key+"."+strconv.Itoa(i), v[i])
		}
		return all
	case map[string]any:
		return f.fields(key, v)
	default:
		return f(key, fmt.Sprint(v))
	}
}
