package docmodel

import (
	"fmt"
	"regexp"
	"strings"

	"gofab/internal/fault"
)

// The reader of Lua files. It knows the part of the LuaLS notation that gofab
// uses and refuses the rest, so that no comment is silently lost:
//
//	--- Text. The block at the top of the file is the module's own.
//	---@param name? type text
//	---@return type name text
//	function module.name(a, b)
//
// A fenced block ```lua in the text is an example. Blocks above local
// functions are for the reader of the file alone.

// ReadLua makes the model of one Lua file. path is for messages and Source.
func ReadLua(name, path, source string) (Module, error) {
	r := &luaReader{module: Module{Name: name, Source: path}, path: path}
	for i, line := range strings.Split(source, "\n") {
		if err := r.line(line, i+1); err != nil {
			return Module{}, err
		}
	}
	if r.module.Doc == "" {
		return Module{}, fault.New(fault.Parse, "%s:1: the module has no text (--- at the top of the file)", path)
	}
	return r.module, nil
}

type luaReader struct {
	module Module
	path   string
	block  []luaComment
}

type luaComment struct {
	line int
	text string // without the dashes
}

var functionLine = regexp.MustCompile(`^function (\w+)([.:])(\w+)\(([^)]*)\)`)

func (r *luaReader) line(line string, number int) error {
	if text, ok := strings.CutPrefix(line, "---"); ok {
		r.block = append(r.block, luaComment{number, strings.TrimPrefix(text, " ")})
		return nil
	}
	block := r.block
	r.block = nil
	match := functionLine.FindStringSubmatch(line)
	switch {
	case len(block) > 0 && block[0].line == 1:
		f, err := r.read(block)
		r.module.Doc = f.Doc
		if err == nil && len(f.Examples)+len(f.Params)+len(f.Results) > 0 {
			err = fault.New(fault.Parse, "%s:1: examples and annotations belong to functions", r.path)
		}
		return err
	case match != nil && match[1] == r.module.Name:
		return r.function(block, match, number)
	default:
		return nil
	}
}

// function adds a public function, which must be documented.
func (r *luaReader) function(block []luaComment, match []string, number int) error {
	f, err := r.read(block)
	if err != nil {
		return err
	}
	f.Name = match[3]
	if f.Doc == "" {
		return fault.New(fault.Parse, "%s:%d: function %s has no text", r.path, number, f.Name)
	}
	var documented []string
	for _, p := range f.Params {
		documented = append(documented, p.displayName())
	}
	if given := strings.Join(documented, ", "); given != strings.TrimSpace(match[4]) {
		return fault.New(fault.Parse, "%s:%d: function %s takes (%s), its comment documents (%s)",
			r.path, number, f.Name, match[4], given)
	}
	r.module.Funcs = append(r.module.Funcs, f)
	return nil
}

// read takes a block of comments apart.
func (r *luaReader) read(block []luaComment) (Func, error) {
	var f Func
	var text, example []string
	inExample := false
	for _, c := range block {
		switch {
		case inExample && strings.TrimSpace(c.text) == "```":
			f.Examples = append(f.Examples, strings.Join(example, "\n"))
			example, inExample = nil, false
		case inExample:
			example = append(example, c.text)
		case strings.TrimSpace(c.text) == "```lua":
			inExample = true
		case strings.HasPrefix(c.text, "@"):
			if err := f.annotate(c.text); err != nil {
				return f, fault.New(fault.Parse, "%s:%d: %v", r.path, c.line, err)
			}
		default:
			text = append(text, c.text)
		}
	}
	if inExample {
		return f, fault.New(fault.Parse, "%s:%d: the example has no end (```)", r.path, block[0].line)
	}
	f.Doc = strings.TrimSpace(strings.Join(text, "\n"))
	return f, nil
}

// annotate reads one line that begins with @.
func (f *Func) annotate(text string) error {
	kind, rest, _ := strings.Cut(text, " ")
	first, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	second, doc := cutType(strings.TrimSpace(rest))
	switch kind {
	case "@param":
		if second == "" || doc == "" {
			return fmt.Errorf("want ---@param name type text")
		}
		f.addParam(first, second, doc)
		return nil
	case "@return":
		if first == "" {
			return fmt.Errorf("want ---@return type name text")
		}
		f.Results = append(f.Results, Result{Type: first, Name: second, Doc: doc})
		return nil
	default:
		return fmt.Errorf("unknown annotation %s (known: @param, @return)", kind)
	}
}

func (f *Func) addParam(name, luaType, doc string) {
	p := Param{Name: name, Type: luaType, Doc: doc, Required: true, Positional: len(f.Params) + 1}
	if short, optional := strings.CutSuffix(name, "?"); optional {
		p.Name, p.Required = short, false
	}
	if name == "..." {
		p.Rest, p.Required, p.Positional = true, false, 0
	}
	f.Params = append(f.Params, p)
}

// cutType cuts a type off a text; blanks between brackets belong to it.
func cutType(text string) (luaType, rest string) {
	depth := 0
	for i, c := range text {
		switch c {
		case '<', '(', '{':
			depth++
		case '>', ')', '}':
			depth--
		case ' ':
			if depth == 0 {
				return text[:i], strings.TrimSpace(text[i:])
			}
		}
	}
	return text, ""
}
