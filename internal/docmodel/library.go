package docmodel

import (
	"slices"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Library is all that is documented: modules, and pages on other matters.
type Library struct {
	Modules []Module
	Pages   []Page
}

// Page is a table of names with a text in front: the kinds of errors, the
// exit codes.
type Page struct {
	Name string
	Doc  string
	Rows []Row
}

// Row is one line of a page.
type Row struct{ Name, Doc string }

// Entry is what a name stands for: exactly one of the pointers to a thing is
// set; Module is also set for what belongs to one.
type Entry struct {
	Module *Module
	Func   *Func
	Type   *Type
	Page   *Page
}

// Lookup finds what a name means: "dns", "dns.query", "task", "host:run",
// "errors". A page comes before a module, a module before a global function.
func (l *Library) Lookup(name string) (Entry, error) {
	for i := range l.Pages {
		if l.Pages[i].Name == name {
			return Entry{Page: &l.Pages[i]}, nil
		}
	}
	for i := range l.Modules {
		if l.Modules[i].Name == name {
			return Entry{Module: &l.Modules[i]}, nil
		}
	}
	for i := range l.Modules {
		if e, ok := l.Modules[i].lookup(name); ok {
			return e, nil
		}
	}
	e := fault.New(fault.NotFound, "nothing is documented as %q", name)
	if methods := l.methods(name); len(methods) > 0 {
		return Entry{}, e.WithHint("gofab doc %s", strings.Join(methods, ", or gofab doc "))
	}
	if near := suggest.Nearest(name, l.Names()); near != "" {
		e.Message += " (did you mean \"" + near + "\"?)"
	}
	return Entry{}, e.WithHint("gofab doc lists the modules")
}

// methods lists the methods that a name such as h:run may mean, where h is a
// variable of the script.
func (l *Library) methods(name string) []string {
	_, method, ok := strings.Cut(name, ":")
	var found []string
	for _, e := range l.entries() {
		if ok && e.Type != nil && e.Func != nil && e.Func.Name == method {
			found = append(found, e.FullName())
		}
	}
	return found
}

// lookup finds a function, a type or a method of m. A dot will do for a colon.
func (m *Module) lookup(name string) (Entry, bool) {
	for i := range m.Funcs {
		if m.FullName(&m.Funcs[i]) == name {
			return Entry{Module: m, Func: &m.Funcs[i]}, true
		}
	}
	for i := range m.Types {
		t := &m.Types[i]
		if t.Name == name {
			return Entry{Module: m, Type: t}, true
		}
		for j := range t.Methods {
			full := t.Name + ":" + t.Methods[j].Name
			if full == name || strings.Replace(full, ":", ".", 1) == name {
				return Entry{Module: m, Type: t, Func: &t.Methods[j]}, true
			}
		}
	}
	return Entry{}, false
}

// FullName is how a script writes a function of m.
func (m *Module) FullName(f *Func) string {
	if m.Global {
		return f.Name
	}
	return m.Name + "." + f.Name
}

func (m *Module) valueName(v Result) string {
	if m.Global {
		return v.Name
	}
	return m.Name + "." + v.Name
}

// FullName is how a script writes what the entry stands for.
func (e Entry) FullName() string {
	switch {
	case e.Page != nil:
		return e.Page.Name
	case e.Func != nil && e.Type != nil:
		return e.Type.Name + ":" + e.Func.Name
	case e.Func != nil:
		return e.Module.FullName(e.Func)
	case e.Type != nil:
		return e.Type.Name
	default:
		return e.Module.Name
	}
}

// Names lists everything that Lookup finds, sorted.
func (l *Library) Names() []string {
	var names []string
	for _, p := range l.Pages {
		names = append(names, p.Name)
	}
	for _, e := range l.entries() {
		names = append(names, e.FullName())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// entries walks all modules, functions, types and methods.
func (l *Library) entries() []Entry {
	var list []Entry
	for i := range l.Modules {
		m := &l.Modules[i]
		list = append(list, Entry{Module: m})
		for j := range m.Funcs {
			list = append(list, Entry{Module: m, Func: &m.Funcs[j]})
		}
		for j := range m.Types {
			t := &m.Types[j]
			list = append(list, Entry{Module: m, Type: t})
			for k := range t.Methods {
				list = append(list, Entry{Module: m, Type: t, Func: &t.Methods[k]})
			}
		}
	}
	return list
}

// Example is one example with the name of what it belongs to.
type Example struct {
	Name string // "dns.query"
	Code string // a whole Lua chunk
}

// Examples lists the examples of the whole library: tests run them all.
func (l *Library) Examples() []Example {
	var list []Example
	for _, e := range l.entries() {
		if e.Func == nil {
			continue
		}
		for _, code := range e.Func.Examples {
			list = append(list, Example{e.FullName(), code})
		}
	}
	return list
}

// Summary is the first sentence of a text, without its full stop.
func Summary(doc string) string {
	doc, _, _ = strings.Cut(doc, "\n\n")
	first, _, _ := strings.Cut(strings.Join(strings.Fields(doc), " "), ". ")
	return strings.TrimSuffix(first, ".")
}
