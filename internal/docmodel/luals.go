package docmodel

import (
	"fmt"
	"strings"
)

// The definitions for editors: files that the Lua language server reads and
// nobody runs. Exact option classes make a misspelt option visible while it is
// typed. What LuaLS calls a class is any table with known fields.
//
// Names of classes: fslib is the module fs, host an object, fs.read.options an
// options table, fs.stat.result what a function gives.

// LuaLS renders the definitions, one file per module. The key is the name of
// the file.
func (l *Library) LuaLS() map[string]string {
	files := map[string]string{}
	for i := range l.Modules {
		files[l.Modules[i].Name+".lua"] = l.Modules[i].luals()
	}
	return files
}

type definitions struct{ strings.Builder }

func (m *Module) luals() string {
	b := &definitions{}
	fmt.Fprintf(b, "---@meta\n-- %s\n", Generated)
	if m.Global {
		b.globals(m.Values)
	} else {
		b.module(m)
	}
	for i := range m.Types {
		b.typ(m, &m.Types[i])
	}
	parts := m.parts()
	for i := range m.Funcs {
		e := Entry{Module: m, Func: &m.Funcs[i]}
		if name := e.FullName(); parts[name] {
			b.part(e, name)
			delete(parts, name)
			continue
		}
		if name := tableOf(e.FullName()); parts[name] && !m.Global { // else it is Lua's own table, such as os
			fmt.Fprintf(b, "\n---@class %s_part\n%s = {}\n", name, name)
			delete(parts, name)
		}
		b.function(e)
	}
	return b.String()
}

// parts are the tables inside m: expect.repl, where there is expect.repl.bash.
func (m *Module) parts() map[string]bool {
	names := map[string]bool{}
	for i := range m.Funcs {
		if strings.Contains(m.Funcs[i].Name, ".") {
			names[tableOf(m.FullName(&m.Funcs[i]))] = true
		}
	}
	return names
}

// tableOf is the table that a name is in.
func tableOf(name string) string { return name[:max(strings.LastIndexByte(name, '.'), 0)] }

// part defines a table that can be called.
func (b *definitions) part(e Entry, name string) {
	b.classes(name, e.Func)
	b.WriteString("\n")
	b.comment(e.Func.Doc)
	var params []string
	args := e.Func.positional()
	for i := range args {
		p := &args[i]
		params = append(params, p.luaName()+mark(p.Required || p.Rest)+": "+p.luaType(name))
	}
	if len(e.Func.options()) > 0 {
		params = append(params, fmt.Sprintf("options%s: %s.options", mark(e.Func.optionsRequired()), name))
	}
	fmt.Fprintf(b, "---@class %s_part\n", name)
	fmt.Fprintf(b, "---@overload fun(%s)%s\n", strings.Join(params, ", "), overloadResult(e.Func, name))
	b.overloads(e, name)
	fmt.Fprintf(b, "%s = {}\n", name)
}

func (b *definitions) module(m *Module) {
	b.WriteString("\n")
	b.comment(m.Doc)
	fmt.Fprintf(b, "---@class %slib\n", m.Name)
	for _, v := range m.Values {
		fmt.Fprintf(b, "---@field %s %s %s\n", v.Name, v.Type, oneLine(v.Doc))
	}
	fmt.Fprintf(b, "%s = {}\n", m.Name)
}

func (b *definitions) globals(values []Result) {
	for _, v := range values {
		b.WriteString("\n")
		b.comment(v.Doc)
		fmt.Fprintf(b, "---@type %s\n%s = nil\n", v.Type, v.Name)
	}
}

func (b *definitions) typ(m *Module, t *Type) {
	b.WriteString("\n")
	b.comment(t.Doc)
	fmt.Fprintf(b, "---@class %s\n", t.Name)
	b.fields(t.Name, t.Fields)
	fmt.Fprintf(b, "local %s_object = {}\n", t.Name) // a function may have the type's own name
	for i := range t.Methods {
		b.function(Entry{Module: m, Type: t, Func: &t.Methods[i]})
	}
}

func (b *definitions) function(e Entry) {
	f, name := e.Func, strings.Replace(e.FullName(), ":", ".", 1)
	b.classes(name, f)
	b.WriteString("\n")
	b.comment(f.Doc)
	var names []string
	args := f.positional()
	for i := range args {
		p := &args[i]
		names = append(names, p.luaName())
		fmt.Fprintf(b, "---@param %s %s %s\n", p.luaName()+mark(p.Required || p.Rest), p.luaType(name), oneLine(p.sentence()))
	}
	if len(f.options()) > 0 {
		names = append(names, "options")
		fmt.Fprintf(b, "---@param options%s %s.options\n", mark(f.optionsRequired()), name)
	}
	for _, r := range f.Results {
		fmt.Fprintf(b, "---@return %s\n", strings.TrimSpace(r.luaType(name)+" "+r.Name+" "+comment(r.Doc)))
	}
	b.overloads(e, name)
	fmt.Fprintf(b, "function %s(%s) end\n", e.definedName(), strings.Join(names, ", "))
}

// overloads are the other ways to call a function: all arguments in one table,
// and a required last argument right after the first.
func (b *definitions) overloads(e Entry, name string) {
	self := ""
	if e.Func.Method {
		self = "self: " + e.Type.Name + ", "
	}
	if e.Func.Named {
		fmt.Fprintf(b, "---@overload fun(%sarguments: %s.arguments)%s\n", self, name, overloadResult(e.Func, name))
	}
	var required []string
	var pending, skipped bool // an optional one; and a required one after it
	for _, p := range e.Func.positional() {
		if p.Required {
			required = append(required, p.luaName()+": "+p.luaType(name))
			skipped = skipped || pending
		} else {
			pending = true
		}
	}
	if skipped {
		fmt.Fprintf(b, "---@overload fun(%s%s)%s\n", self, strings.Join(required, ", "), overloadResult(e.Func, name))
	}
}

func (e Entry) definedName() string {
	if e.Type != nil {
		return e.Type.Name + "_object:" + e.Func.Name
	}
	return e.FullName()
}

func overloadResult(f *Func, name string) string {
	if len(f.Results) == 0 {
		return ""
	}
	var types []string
	for _, r := range f.Results {
		types = append(types, r.luaType(name))
	}
	return ": " + strings.Join(types, ", ")
}

// classes declares the tables that a function takes and gives.
func (b *definitions) classes(name string, f *Func) {
	for i := range f.Params {
		b.nested(name, &f.Params[i])
	}
	if options := f.options(); len(options) > 0 {
		fmt.Fprintf(b, "\n---@class (exact) %s.options\n", name)
		b.fields(name, options)
	}
	if f.Named {
		fmt.Fprintf(b, "\n---@class (exact) %s.arguments\n", name)
		b.fields(name, f.Params)
	}
	for _, r := range f.Results {
		if len(r.Fields) > 0 {
			fmt.Fprintf(b, "\n---@class %s.result\n", name)
			b.fields(name, r.Fields)
		}
	}
}

// nested declares the class of a parameter that is a table with known fields.
func (b *definitions) nested(owner string, p *Param) {
	if len(p.Fields) == 0 {
		return
	}
	for i := range p.Fields {
		b.nested(owner+"."+p.Name, &p.Fields[i])
	}
	fmt.Fprintf(b, "\n---@class (exact) %s.%s\n", owner, p.Name)
	b.fields(owner+"."+p.Name, p.Fields)
}

func (b *definitions) fields(owner string, fields []Param) {
	for i := range fields {
		p := &fields[i]
		fmt.Fprintf(b, "---@field %s %s %s\n", p.Name+mark(p.Required), p.luaType(owner), oneLine(p.sentence()))
	}
}

// comment writes a text as doc comment.
func (b *definitions) comment(text string) {
	for _, line := range strings.Split(text, "\n") {
		b.WriteString(strings.TrimRight("--- "+line, " ") + "\n")
	}
}

func mark(required bool) string {
	if required {
		return ""
	}
	return "?"
}

// luaType is the type in a definition: a class where the fields are known, the
// values where they are listed.
func (p *Param) luaType(owner string) string {
	switch {
	case len(p.Fields) > 0 && strings.HasSuffix(p.Type, "[]"):
		return owner + "." + p.Name + "[]"
	case len(p.Fields) > 0:
		return owner + "." + p.Name
	case len(p.Enum) > 0:
		return `"` + strings.Join(p.Enum, `"|"`) + `"`
	case p.Rest:
		return strings.TrimSuffix(p.Type, "[]")
	default:
		return p.Type
	}
}

func (r *Result) luaType(owner string) string {
	switch {
	case len(r.Fields) > 0 && strings.HasSuffix(r.Type, "[]"):
		return owner + ".result[]"
	case len(r.Fields) > 0:
		return owner + ".result"
	default:
		return r.Type
	}
}

// keywords cannot be names of parameters.
var keywords = " and break do else elseif end false for function if in local nil not or repeat return then true until while "

func (p *Param) luaName() string {
	if strings.Contains(keywords, " "+p.Name+" ") {
		return p.Name + "_"
	}
	return p.displayName()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func comment(text string) string {
	if text == "" {
		return ""
	}
	return "# " + oneLine(text)
}
