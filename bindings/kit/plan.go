package kit

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// plan is an argument struct read once: what each field is called, where it
// comes from and what it is when absent.
type plan struct {
	typ        reflect.Type
	fields     []field
	byName     map[string]int
	positional []int // indices into fields, in order
	rest, last int   // indices into fields, or -1
	options    bool  // there are fields that only a table can give
	noter      bool  // it wants to know what was given
}

// field is one argument.
type field struct {
	name, doc    string
	index        []int // place in the struct
	typ          reflect.Type
	position     int // 1-based, 0 for options only
	required     bool
	defaultText  string
	defaultValue reflect.Value
	enum         []string
}

var plans sync.Map // reflect.Type -> *plan, for nested structs

// planOf reads a struct's tags. It panics on a mistake in the declaration, so
// that a test finds it before a user does.
func planOf(t reflect.Type, owner string) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("kit: %s: arguments must be a struct, not %s", owner, t))
	}
	p := &plan{typ: t, byName: map[string]int{}, rest: -1, last: -1}
	p.noter = reflect.PointerTo(t).Implements(noterType)
	p.read(t, nil, owner)
	if len(p.fields) > 64 {
		panic(fmt.Sprintf("kit: %s: more than 64 arguments", owner))
	}
	p.order(owner)
	plans.Store(t, p)
	return p
}

// read adds the fields of t; embedded structs count as part of it.
func (p *plan) read(t reflect.Type, at []int, owner string) {
	for i := range t.NumField() {
		sf := t.Field(i)
		index := append(append([]int{}, at...), i)
		tag, ok := sf.Tag.Lookup("lua")
		switch {
		case sf.Anonymous && !ok && sf.Type.Kind() == reflect.Struct:
			p.read(sf.Type, index, owner)
		case ok && tag != "-":
			p.add(sf, tag, index, owner)
		}
	}
}

func (p *plan) add(sf reflect.StructField, tag string, index []int, owner string) {
	words := strings.Split(tag, ",")
	f := field{name: words[0], doc: sf.Tag.Get("doc"), index: index, typ: sf.Type}
	if f.doc == "" {
		panic(fmt.Sprintf("kit: %s: field %q has no doc text", owner, f.name))
	}
	if text, ok := sf.Tag.Lookup("enum"); ok {
		f.enum = strings.Split(text, "|")
	}
	f.defaultText, f.required = defaultOf(sf)
	n := len(p.fields)
	for _, w := range words[1:] {
		switch {
		case w == "rest":
			p.rest, f.required = n, false
		case w == "last":
			p.last = n
		case strings.HasPrefix(w, "arg"):
			f.position, _ = strconv.Atoi(w[3:])
		default:
			panic(fmt.Sprintf("kit: %s: field %q: unknown tag word %q", owner, f.name, w))
		}
	}
	if !f.required && f.defaultText != "" {
		f.defaultValue = mustDefault(f, owner)
	}
	p.byName[f.name] = n
	p.fields = append(p.fields, f)
}

// defaultOf reads the default tag. Pointers and interfaces are never required:
// absent is nil.
func defaultOf(sf reflect.StructField) (text string, required bool) {
	text, ok := sf.Tag.Lookup("default")
	nilable := sf.Type.Kind() == reflect.Pointer
	return text, !ok && !nilable
}

func mustDefault(f field, owner string) reflect.Value {
	v := reflect.New(f.typ).Elem()
	if err := parseText(f.defaultText, v); err != nil {
		panic(fmt.Sprintf("kit: %s: default of %q: %v", owner, f.name, err))
	}
	return v
}

// order sorts out which fields are positional.
func (p *plan) order(owner string) {
	count := 0
	for i := range p.fields {
		switch {
		case p.fields[i].position > 0:
			count++
		case i != p.rest && i != p.last:
			p.options = true
		}
	}
	p.positional = make([]int, count)
	for i, f := range p.fields {
		if f.position > count {
			panic(fmt.Sprintf("kit: %s: positional arguments have a gap before %q", owner, f.name))
		}
		if f.position > 0 {
			p.positional[f.position-1] = i
		}
	}
}

// names lists what the options table may hold.
func (p *plan) names() []string {
	names := make([]string, 0, len(p.fields))
	for _, f := range p.fields {
		names = append(names, f.name)
	}
	return names
}
