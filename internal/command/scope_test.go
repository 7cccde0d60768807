package command

import (
	"maps"
	"math/rand/v2"
	"path"
	"reflect"
	"strings"
	"testing"
	"time"

	"gofab/internal/secret"
	"gofab/internal/shell"
)

// layer is one scope as a script writes it: names and values.
type layer map[string]any

// scope makes the layer a scope, in the way in which kit does.
func (l layer) scope() Scope {
	s := DefaultScope()
	v := reflect.ValueOf(&s).Elem()
	for name, value := range l {
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("lua") == name {
				v.Field(i).Set(reflect.ValueOf(value).Convert(v.Field(i).Type()))
			}
		}
		s.Given(name)
	}
	return s
}

// model is what layers mean, said in another way: the last one that names an
// option counts, places and variables add up.
func model(layers []layer) Scope {
	want := layer{}
	var who layer
	cwd, env, prefix := "", map[string]string{}, []string{}
	for _, l := range layers {
		for name, value := range l {
			switch name {
			case "cwd", "env", "prefix", "sudo", "user", "become", "group":
			default:
				want[name] = value
			}
		}
		if dir, ok := l["cwd"].(string); ok {
			if !strings.HasPrefix(dir, "/") && !strings.HasPrefix(dir, "~") && cwd != "" {
				dir = path.Join(cwd, dir)
			}
			cwd = dir
		}
		if e, ok := l["env"].(map[string]string); ok {
			maps.Copy(env, e)
		}
		if p, ok := l["prefix"].([]string); ok {
			prefix = append(prefix, p...)
		}
		who = whoIs(who, l)
	}
	maps.Copy(want, who)
	want["cwd"], want["prefix"] = cwd, prefix
	if len(env) > 0 {
		want["env"] = env
	}
	return want.scope()
}

// whoIs gives the user options after one more layer.
func whoIs(old, l layer) layer {
	next := maps.Clone(old)
	if next == nil {
		next = layer{}
	}
	user, named := l["user"].(string)
	sudo, switched := l["sudo"].(bool)
	switch {
	case named && user != "":
	case sudo:
		delete(next, "user")
	case switched || named: // sudo = false, or user = "": the login user again
		next = layer{}
	}
	for _, name := range []string{"sudo", "user", "become", "group"} {
		if value, ok := l[name]; ok {
			next[name] = value
		}
	}
	return next
}

// TestScopesNest compares thousands of nestings in every order with the model.
func TestScopesNest(t *testing.T) {
	r := seeded(t)
	for range 5000 {
		layers := make([]layer, 1+r.IntN(5))
		got := Scope{}
		for i := range layers {
			layers[i] = randomLayer(r)
			got = got.Inside(layers[i].scope())
		}
		want := model(layers)
		got.given, want.given = nil, nil
		if len(got.Prefix) == 0 {
			got.Prefix = want.Prefix
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\ngot  %+v\nwant %+v", layers, got, want)
		}
	}
}

func randomLayer(r *rand.Rand) layer {
	choices := layer{
		"cwd":         pickOne(r, "/srv", "app", "..", "/var/lib", "~/x"),
		"env":         map[string]string{pickOne(r, "A", "B"): pickOne(r, "1", "2")},
		"replace_env": r.IntN(2) == 0, "umask": pickOne(r, "027", "077"),
		"prefix": []string{pickOne(r, ". a", ". b")},
		"sudo":   r.IntN(2) == 0, "user": pickOne(r, "pg", "www", ""), "become": pickOne(r, shell.Su, shell.Doas, shell.Sudo),
		"group": pickOne(r, "adm", "web"), "password": secret.New(pickOne(r, "x", "y")),
		"shell": Shell(pickOne(r, "/bin/bash", "/bin/sh")), "login": r.IntN(2) == 0, "pty": r.IntN(2) == 0, "term": pickOne(r, "xterm", "vt100"),
		"timeout": time.Duration(r.IntN(2)) * time.Minute, "check": r.IntN(2) == 0, "warn": r.IntN(2) == 0,
		"hide": Hide(pickOne(r, "", "both", "out")), "echo": r.IntN(2) == 0, "dry": r.IntN(2) == 0,
		"encoding": pickOne(r, "latin1", ""), "max_output": Size(r.IntN(3)),
	}
	l := layer{}
	for name, value := range choices {
		if r.IntN(4) == 0 {
			l[name] = value
		}
	}
	return l
}

func pickOne(r *rand.Rand, values ...string) string { return values[r.IntN(len(values))] }

// Options that Go sets without a word to Given hold as well.
func TestScopeFromGo(t *testing.T) {
	outer := DefaultScope()
	outer.Cwd, outer.PTY, outer.Timeout = "/srv", true, time.Minute
	inner := DefaultScope()
	inner.Hide, inner.Check = HideBoth, false
	got := outer.Inside(inner)
	if got.Hide != HideBoth || got.Check || got.Cwd != "/srv" || !got.PTY || got.Timeout != time.Minute || got.MaxOutput != 1<<20 {
		t.Errorf("%+v", got)
	}
	if own := got.Own(); own.PTY || !own.Check || own.Cwd != "/srv" {
		t.Errorf("%+v", own)
	}
}
