package kit

import (
	"reflect"
	"strings"

	"gofab/internal/docmodel"
	"gofab/internal/secret"
)

// Model describes a module for the documentation: the same declaration that
// decodes the arguments.
func (m *Module) Model() docmodel.Module {
	out := docmodel.Module{Name: m.Name, Doc: m.Doc, Global: m.Global, Source: "Go"}
	for i := range m.Types {
		m.Types[i].Declare()
	}
	for i := range m.Funcs {
		out.Funcs = append(out.Funcs, m.Funcs[i].model())
	}
	for i := range m.Types {
		out.Types = append(out.Types, m.Types[i].model())
	}
	for _, v := range m.Values {
		out.Values = append(out.Values, docmodel.Result{Name: v.Name, Type: luaType(reflect.TypeOf(v.Value)), Doc: v.Doc})
	}
	return out
}

func (t *Type) model() docmodel.Type {
	out := docmodel.Type{Name: t.Name, Doc: t.Doc}
	for i := range t.Methods {
		out.Methods = append(out.Methods, t.Methods[i].model())
	}
	for _, p := range t.Props {
		out.Fields = append(out.Fields, docmodel.Param{Name: p.Name, Type: givenType(p.goType), Doc: p.Doc})
	}
	return out
}

func (f *Func) model() docmodel.Func {
	return docmodel.Func{
		Name: f.Name, Doc: f.Doc, Examples: f.Examples, Method: f.self != nil,
		Params: f.params.model(), Results: resultModel(f.result), Named: f.params.named(),
	}
}

// named says that one table may give all arguments: see isOptions.
func (p *plan) named() bool {
	return len(p.positional) > 0 && p.rest < 0 && !takesTable(p.fields[p.positional[0]].typ)
}

func (p *plan) model() []docmodel.Param {
	params := make([]docmodel.Param, 0, len(p.fields))
	for i, f := range p.fields {
		param := docmodel.Param{
			Name: f.name, Type: luaType(f.typ), Doc: f.doc, Default: f.defaultText,
			Positional: f.position, Required: f.required, Rest: i == p.rest, Enum: f.enum,
		}
		if i == p.last {
			param.Positional = len(p.positional) + 1
		}
		if nested, ok := nestedPlan(elementOf(f.typ)); ok {
			param.Fields = nested.model()
		}
		params = append(params, param)
	}
	return params
}

// nestedPlan finds the fields of a struct argument.
func nestedPlan(t reflect.Type) (*plan, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType || t == secretType || t == callbackType ||
		reflect.PointerTo(t).Implements(unmarshalerType) {
		return nil, false
	}
	if _, object := className(t); object {
		return nil, false
	}
	return planOf(t, t.String()), true
}

func resultModel(t reflect.Type) []docmodel.Result {
	if t == noneType {
		return nil
	}
	if t == multiType {
		return []docmodel.Result{{Name: "...", Type: "any", Doc: "See the description."}}
	}
	result := docmodel.Result{Type: givenType(t)}
	if t = elementOf(t); t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, object := className(t); t.Kind() == reflect.Struct && !object && t != timeType && t != reflect.TypeFor[secret.Value]() {
		result.Fields = fieldModels(t)
	}
	return []docmodel.Result{result}
}

// elementOf is the type of the items of a list, and any other type itself.
func elementOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice && !reflect.PointerTo(t).Implements(unmarshalerType) {
		return t.Elem()
	}
	return t
}

// takenAndGiven are types that are taken in more forms than they are given.
var takenAndGiven = strings.NewReplacer("number|string", "number", "string|secret", "secret")

// givenType names the type of a value on its way to Lua.
func givenType(t reflect.Type) string { return takenAndGiven.Replace(luaType(t)) }

func fieldModels(t reflect.Type) []docmodel.Param {
	var out []docmodel.Param
	for _, f := range resultFields(t) {
		out = append(out, docmodel.Param{Name: string(f.name), Type: givenType(f.typ), Doc: f.doc})
	}
	return out
}
