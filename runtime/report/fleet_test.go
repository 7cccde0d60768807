package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/event"
)

// fleet plays a run over many hosts and keeps what it did, so that a report can
// be compared with it.
type fleet struct {
	random *rand.Rand
	hosts  []string
	fates  map[string]event.State
	errors map[string]*event.Failure
	events []moment
	id     uint64
	say    func(host string, command int) (stdout, stderr []string)
}

// moment is an event and when it happens.
type moment struct {
	at    time.Duration
	event event.Event
}

var epoch = time.Date(2025, 11, 23, 9, 30, 0, 0, time.UTC)

func newFleet(seed uint64, hosts int) *fleet {
	f := &fleet{random: rand.New(rand.NewPCG(seed, 7)), fates: map[string]event.State{}, errors: map[string]*event.Failure{}}
	for i := range hosts {
		f.hosts = append(f.hosts, fmt.Sprintf("web%03d", i+1))
	}
	f.say = f.usual
	return f
}

// usual is what well-behaved hosts say: mostly the same.
func (f *fleet) usual(_ string, command int) (stdout, stderr []string) {
	switch command {
	case 0:
		stdout = []string{"Reading package lists...", "Building dependency tree...", "nginx is already the newest version (1.26.3-1).", "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded."}
		if f.random.IntN(12) == 0 {
			stdout[2], stdout[3] = "The following packages will be upgraded: nginx", "1 upgraded, 0 newly installed, 0 to remove and 3 not upgraded."
			stderr = []string{"W: Target Packages is configured multiple times"}
		}
	case 1:
		stdout = []string{"nginx: the configuration file /etc/nginx/nginx.conf syntax is ok"}
	default:
		stdout = []string{fmt.Sprintf("active since %d s", f.random.IntN(3))}
	}
	return stdout, stderr
}

func (f *fleet) add(at time.Duration, e event.Event) { f.events = append(f.events, moment{at, e}) }

// run plays tasks over all hosts, forks at a time.
func (f *fleet) run(forks int, tasks ...string) {
	f.add(0, event.RunStart{File: "deploy.lua", Tasks: tasks, Hosts: f.hosts})
	free := make([]time.Duration, forks)
	for i, host := range f.hosts {
		slot := i % forks
		free[slot] = f.host(host, free[slot], tasks)
	}
	end := slices.Max(free)
	var results []event.HostResult
	for _, host := range f.hosts {
		f.add(end, event.HostState{Host: host, State: f.fates[host], Error: f.errors[host]})
		var err error
		if e := f.errors[host]; e != nil {
			err = fault.New(e.Kind, "%s", e.Message)
		}
		results = append(results, event.HostResult{Host: host, State: f.fates[host], Error: err})
	}
	f.add(end, event.RunEnd{Summary: event.Summarize(results, end)})
}

// fate draws how a host will end.
func (f *fleet) fate(host string) (event.State, *event.Failure) {
	switch n := f.random.IntN(100); {
	case n < 88:
		return event.OK, nil
	case n < 92:
		return event.Failed, &event.Failure{
			Kind: fault.Exit, Message: "h:run: command exited with 1: systemctl reload nginx", Host: host, Where: "deploy.lua:14",
			Trace: []string{"deploy.lua:14", "deploy.lua:31"}, Hint: "see journalctl -u nginx",
		}
	case n < 94:
		return event.Timeout, &event.Failure{Kind: fault.Timeout, Message: "task deploy took longer than 30s", Host: host}
	case n < 97:
		return event.Unreachable, &event.Failure{Kind: fault.Unreachable, Message: "connection refused by port 22", Host: host, Hint: "is sshd running there?"}
	case n < 98:
		return event.Unknown, &event.Failure{Kind: fault.Lost, Message: "the link broke while the command ran", Host: host}
	case n < 99:
		return event.Cancelled, nil
	}
	return event.Skipped, nil
}

func (f *fleet) some(most time.Duration) time.Duration {
	return time.Duration(f.random.Int64N(int64(most)-1)) + 1
}

// host plays all tasks on one host and tells when it is done.
func (f *fleet) host(host string, at time.Duration, tasks []string) time.Duration {
	state, failure := f.fate(host)
	f.fates[host], f.errors[host] = state, failure
	last := len(tasks)
	switch state {
	case event.OK:
	case event.Skipped:
		return at
	default:
		last = f.random.IntN(len(tasks)) + 1
	}
	for i, task := range tasks[:last] {
		f.add(at, event.TaskStart{Task: task, Host: host})
		began, ended := at, event.OK
		at += f.some(200 * time.Millisecond)
		if i == 0 && state != event.Unreachable {
			f.add(at, event.Connected{Host: host, Transport: "ssh", Address: "10.0.0.1:22", User: "deploy", Duration: event.Seconds(at - began)})
		}
		if state != event.Unreachable {
			at = f.commands(host, at, i == last-1 && state != event.OK)
		}
		end := event.TaskEnd{Task: task, Host: host, State: ended, Duration: event.Seconds(at - began)}
		if i == last-1 {
			end.State, end.Error = state, failure
		}
		f.add(at, end)
	}
	return at
}

func (f *fleet) commands(host string, at time.Duration, fails bool) time.Duration {
	lines := []string{"apt-get install -y nginx", "nginx -t", "systemctl reload nginx"}
	for i, line := range lines {
		f.id++
		id, began := f.id, at
		f.add(at, event.CommandStart{ID: id, Host: host, Command: line, User: "root"})
		stdout, stderr := f.say(host, i)
		for _, text := range stdout {
			f.add(at, event.Output{ID: id, Host: host, Stream: event.Stdout, Line: text})
		}
		for _, text := range stderr {
			f.add(at, event.Output{ID: id, Host: host, Stream: event.Stderr, Line: text})
		}
		at += f.some(900 * time.Millisecond)
		end := event.CommandEnd{ID: id, Host: host, Command: line, OK: true, Code: new(int), Duration: event.Seconds(at - began), Attempts: 1}
		if fails && i == len(lines)-1 {
			*end.Code, end.OK = 1, false
		}
		f.add(at, end)
	}
	return at
}

// ordered gives the events in the order of time.
func (f *fleet) ordered() []moment {
	slices.SortStableFunc(f.events, func(a, b moment) int { return int(a.at - b.at) })
	return f.events
}

// report collects the events.
func (f *fleet) report(t testing.TB) *Report {
	t.Helper()
	return collect(t, f.ordered())
}

func collect(t testing.TB, moments []moment) *Report {
	t.Helper()
	c := NewCollector(Outputs)
	for i, m := range moments {
		if err := c.Handle(event.Entry{Seq: uint64(i + 1), Time: epoch.Add(m.at), Event: m.event}); err != nil {
			t.Fatal(err)
		}
	}
	return c.Report()
}
