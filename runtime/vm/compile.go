package vm

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"gofab/internal/fault"
)

// compile turns source into a function. All Lua goes through here: fabfiles,
// modules, load and loadstring.
func (vm *VM) compile(L *lua.LState, source, name string) (*lua.LFunction, error) {
	chunk, err := parseChunk(source, name)
	if err != nil {
		return nil, err
	}
	proto, err := lua.Compile(joinConcats(chunk), name)
	if err != nil {
		return nil, syntaxFault(name, err)
	}
	fn := L.NewFunctionFromProto(proto)
	fn.Env = vm.globals
	return fn, nil
}

// parseChunk reads source; a #! line is skipped, its line number kept.
func parseChunk(source, name string) ([]ast.Stmt, error) {
	if strings.HasPrefix(source, "#") {
		source = "--" + source
	}
	chunk, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		e := syntaxFault(name, err)
		if e.Message == Unfinished {
			e.Where = fmt.Sprintf("%s:%d", name, strings.Count(strings.TrimRight(source, "\n"), "\n")+1)
		}
		return nil, e
	}
	return chunk, nil
}

var (
	parsePlace   = regexp.MustCompile(`line:(\d+)\(column:(\d+)\) near '((?s:.*?))':\s+(.*)`)
	compilePlace = regexp.MustCompile(`line:?\s?(\d+)\)?:?\s*(.*)`)
)

// syntaxFault says what is wrong with a script, with file and line.
func syntaxFault(name string, err error) *fault.Error {
	text := strings.TrimSpace(err.Error())
	if m := parsePlace.FindStringSubmatch(text); m != nil {
		e := fault.New(fault.Usage, "%s near %q (column %s)", strings.TrimSpace(m[4]), m[3], m[2])
		e.Where = name + ":" + m[1]
		return e
	}
	if strings.Contains(text, "EOF") {
		return fault.New(fault.Usage, "%s", Unfinished).WithHint(`an "end", a bracket or a quote is missing`)
	}
	e := fault.New(fault.Usage, "syntax error: %s", text)
	if m := compilePlace.FindStringSubmatch(text); m != nil {
		e.Message, e.Where = "syntax error: "+m[2], name+":"+m[1]
	}
	return e
}

// Check tells whether a chunk is Lua.
func Check(source string) error {
	_, err := parseChunk(source, "chunk")
	return err
}

// Unfinished marks a chunk that ends too early: a prompt then asks for more.
const Unfinished = "unexpected end of the script"

// readScript reads a Lua file named by the user.
func readScript(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return "", fault.New(fault.NotFound, "no such script: %s", path)
	case err != nil:
		return "", fault.Wrap(fault.Failed, err, "cannot read the script")
	case info.IsDir():
		return "", fault.New(fault.Usage, "%s is a directory, not a script", path).
			WithHint("name a .lua file, or run gofab inside a folder with a fabfile.lua")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fault.From(fmt.Errorf("cannot read the script: %w", err))
	}
	return string(data), nil
}
