package sshconfig

import (
	"context"
	"net/url"
	"os"
	"os/user"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Options say where the configuration comes from. The zero value reads the
// user's and the system's files as ssh does.
type Options struct {
	Cache *Cache // keeps files between calls; may be nil
	// Files in order, each as `ssh -F` takes it. Nil is ~/.ssh/config, then
	// /etc/ssh/ssh_config, where either may be missing; an empty list is none.
	Files []string
	// Home and LocalUser are those of the local user; the system knows them.
	Home, LocalUser string
	// Getenv serves ${NAME}, $SHELL and $SSH_AUTH_SOCK; nil is os.Getenv.
	Getenv func(name string) string
	// Overrides are keywords with values as in `ssh -o`; they come first. The
	// value of a keyword that takes one word is taken as it is.
	Overrides [][2]string
	// Exec runs the command of a Match exec and tells whether it exited with 0;
	// nil runs it by $SHELL or /bin/sh.
	Exec func(ctx context.Context, command string) (bool, error)
	// Lookup finds the canonical name of a host for CanonicalizeHostname, with
	// an error if the host does not exist; nil asks the system's resolver.
	Lookup func(ctx context.Context, host string) (cname string, err error)
	// Warn is told of settings without effect; nil is nobody. The same text
	// comes again with the next name, unless there is a Cache.
	Warn func(text string)
	// Show is for settings that are only looked at: as with ssh -G, what fails
	// when they are used is no error.
	Show bool
}

// resolution is the work for one name.
type resolution struct {
	ctx           context.Context
	o             Options
	local         account
	asked         string // the name that was asked for
	host          string // what Host is matched with; in the final pass the canonical name
	final         bool   // this is the second pass
	wantFinal     bool
	values        map[string][]string // by keyword, as printed
	where         map[string]string   // by keyword: where it was set first
	told          map[string]bool     // warnings of this name
	forwardsAgent bool                // ForwardAgent, before its socket takes its place
}

// account is the local user.
type account struct{ name, home, uid, host string }

// Resolve gives the settings for a name as `ssh -G name` does. The name may be
// [user@]host or ssh://[user@]host[:port].
func Resolve(ctx context.Context, name string, o Options) (*Settings, error) {
	r := &resolution{ctx: ctx, o: o, values: map[string][]string{}, where: map[string]string{}, told: map[string]bool{}}
	if err := r.begin(name); err != nil {
		return nil, err
	}
	if err := r.readFiles(); err != nil {
		return nil, err
	}
	if err := r.canonicalize(); err != nil {
		return nil, err
	}
	if r.wantFinal {
		r.final = true
		if err := r.readFiles(); err != nil {
			return nil, err
		}
	}
	return r.finish()
}

// begin fills what was left open and reads the overrides.
func (r *resolution) begin(name string) error {
	if r.o.Getenv == nil {
		r.o.Getenv = os.Getenv
	}
	if r.o.Lookup == nil {
		r.o.Lookup = lookupSystem
	}
	if r.o.Exec == nil {
		r.o.Exec = shell(r.o.Getenv("SHELL"))
	}
	if err := r.findLocal(); err != nil {
		return err
	}
	more, err := r.readName(name)
	if err != nil {
		return err
	}
	return r.readOverrides(append(r.o.Overrides[:len(r.o.Overrides):len(r.o.Overrides)], more...))
}

// findLocal asks the system for what the options do not say of the local user.
func (r *resolution) findLocal() error {
	r.local = account{name: r.o.LocalUser, home: r.o.Home, uid: strconv.Itoa(os.Getuid())}
	if r.local.name == "" || r.local.home == "" {
		entry, err := user.LookupId(r.local.uid)
		if err != nil { // as in a container with a made-up id
			entry = &user.User{Username: r.o.Getenv("USER"), HomeDir: r.o.Getenv("HOME")}
		}
		if r.local.name == "" {
			r.local.name = entry.Username
		}
		if r.local.home == "" {
			r.local.home = entry.HomeDir
		}
	}
	if r.local.name == "" || r.local.home == "" {
		return fault.New(fault.NotFound, "the local user %s has no name or no home directory", r.local.uid).
			WithHint("set USER and HOME")
	}
	host, err := os.Hostname()
	if err != nil {
		return fault.Wrap(fault.Failed, err, "cannot find the name of this machine")
	}
	r.local.host = host
	return nil
}

// readName takes the user and the port off the name; they come behind the
// overrides.
func (r *resolution) readName(name string) (more [][2]string, err error) {
	var h hop
	if strings.HasPrefix(name, "ssh://") {
		if _, err := url.Parse(name); err != nil {
			return nil, fault.New(fault.Usage, "%q is no ssh URL", name)
		}
		if h, err = parseHop(name); err != nil {
			return nil, fault.New(fault.Usage, "%s", fault.From(err).Message)
		}
	} else if at := strings.LastIndex(name, "@"); at >= 0 {
		h.user, h.host = name[:at], name[at+1:]
		more = append(more, [2]string{"User", h.user})
	} else {
		h.host = name
	}
	if h.user != "" && more == nil {
		more = append(more, [2]string{"User", h.user})
	}
	if h.port != 0 {
		more = append(more, [2]string{"Port", strconv.Itoa(h.port)})
	}
	r.asked, r.host = h.host, h.host
	return more, checkHost("host", h.host)
}

func (r *resolution) has(key string) bool { return len(r.values[key]) > 0 }

// first is the value of a keyword, "" if it is not set yet.
func (r *resolution) first(key string) string {
	if r.has(key) {
		return r.values[key][0]
	}
	return ""
}

// warn tells a text once.
func (r *resolution) warn(text string) {
	if r.o.Warn != nil && !r.told[text] && r.o.Cache.first(text) {
		r.told[text] = true
		r.o.Warn(text)
	}
}
