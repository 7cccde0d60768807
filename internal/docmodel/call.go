package docmodel

// What all renderings share: how a call is written, and which parameters go
// where.

// positional gives the parameters that go by place, in order; the rest
// parameter is the last.
func (f *Func) positional() []Param {
	var list []Param
	for place := 1; ; place++ {
		i := indexOf(f.Params, func(p *Param) bool { return p.Positional == place && !p.Rest })
		if i < 0 {
			break
		}
		list = append(list, f.Params[i])
	}
	if i := indexOf(f.Params, func(p *Param) bool { return p.Rest }); i >= 0 {
		list = append(list, f.Params[i])
	}
	return list
}

// options gives the parameters that only the options table takes.
func (f *Func) options() []Param {
	var list []Param
	for _, p := range f.Params {
		if p.Positional == 0 && !p.Rest {
			list = append(list, p)
		}
	}
	return list
}

func indexOf(list []Param, ok func(*Param) bool) int {
	for i := range list {
		if ok(&list[i]) {
			return i
		}
	}
	return -1
}

// optionsRequired says that the options table cannot be left out.
func (f *Func) optionsRequired() bool {
	options := f.options()
	return indexOf(options, func(p *Param) bool { return p.Required }) >= 0
}

// Call is the line that calls a function: `fs.write(path, data [, options])`.
func (e Entry) Call() string {
	var text, closing string
	add := func(name string, required bool) {
		switch {
		case text == "" && required:
			text = name
		case text == "":
			text, closing = "["+name, "]"
		case required:
			text, closing = text+closing+", "+name, ""
		default:
			text += " [, " + name
			closing += "]"
		}
	}
	for _, p := range e.Func.positional() {
		add(p.displayName(), p.Required)
	}
	if len(e.Func.options()) > 0 {
		add("options", e.Func.optionsRequired())
	}
	return e.FullName() + "(" + text + closing + ")"
}

func (p *Param) displayName() string {
	if p.Rest {
		return "..."
	}
	return p.Name
}
