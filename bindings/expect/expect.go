// Package expect is the Lua module expect: dialogues with programs on this
// machine, on hosts, and with whatever answers on a socket or a line.
//
// expect.go declares the functions, dialogue.go the object with which a
// dialogue is held; start.go begins one, and the engine is internal/expect.
package expect

import (
	"gofab/bindings/kit"
	engine "gofab/internal/expect"
)

// Module declares expect.
func Module() *kit.Module {
	types := []kit.Type{dialogueType(), patternType(), replType(), screenType()}
	for i := range types {
		types[i].Declare() // h:spawn gives dialogues before this module is used
	}
	return &kit.Module{
		Name: "expect",
		Doc: "Talk with programs: wait for what they show, answer, and look at how they end. " +
			"A pattern is a regular expression (RE2), expect.literal(text), expect.EOF or expect.TIMEOUT. " +
			"The first byte of output after which a pattern matches decides; of the patterns that match there the one that begins first wins, then the list's order. " +
			"$ is where the output ends or pauses.",
		Funcs: append([]kit.Func{
			kit.Fn("spawn", "Start a program on a terminal of its own and talk with it. A line is for the shell; a list is a program and its arguments.", spawn).With(
				`local p = expect.spawn("printf 'login: '; read name; echo \"hello $name\"")
p:expect("login: ")
p:line("ada")
local i, m = p:expect{ "denied", "hello (\\w+)" }
assert(i == 2 and m[1] == "ada")
assert(p:wait().code == 0)`,
				`local p = expect.spawn({ "cat" }, { on = host("web1"), timeout = 5 })
p:line("over SSH")
p:expect("over SSH")
p:close()`),
			kit.Fn("popen", "Start a program without a terminal and talk with it through pipes; standard error joins the output.", popen).With(
				`local p = expect.popen("sort")
p:send("b\na\n")
p:eof()
assert(p:read_all() == "a\nb\n")`),
			kit.Fn("run", "Run a program on a terminal, answer its questions, and give its output and how it ended.", run).With(
				`local r = expect.run("printf 'Sure? '; read a; echo \"got $a\"", { events = { { "Sure\\? ", "yes" } } })
assert(r.code == 0 and r.output:find("got yes"))`),
			kit.Fn("literal", "Make a pattern of a text that is taken as it is.", literal).With(
				`local p = expect.spawn("echo 'total: 3.50$ (net)'")
local _, m = p:expect(expect.literal("3.50$ (net)"))
assert(m.before == "total: ")`),
			kit.Fn("expect_any", "Wait on several dialogues at once. Gives the dialogue that showed a pattern first, the index of the pattern and the match.", expectAny).With(
				`local a, b = expect.spawn("sleep 30"), expect.spawn("echo ready")
local who, i, m = expect.expect_any({ a, b }, { "ready" })
assert(who == b and i == 1 and m.match == "ready")`),
			kit.Fn("repl", "Start an interpreter and give an object whose run method sends input and gives what it printed. "+
				"bash, sh, zsh and python3 are known; others need their prompt.", repl).With(
				`local sh = expect.repl("sh")
local r = sh:run("echo $((6 * 7)); false")
assert(r.output == "42\n" and r.code == 1)
sh:close()`),
			replOf("bash"), replOf("sh"), replOf("zsh"), replOf("python"),
			kit.Fn("replay", "Play a recorded program, as a fake for tests: it shows what it showed then, and checks that the same is typed. "+
				"For a secret any line is right; otherwise it ends with code 1.", replay),
		}, connections()...),
		Types: types,
		Values: []kit.Value{
			{Name: "EOF", Doc: "Pattern for the end of the output.", Value: engine.EOF},
			{Name: "TIMEOUT", Doc: "Pattern for the end of the time limit; what has come stays for the next wait.", Value: engine.Timeout},
		},
	}
}

func patternType() kit.Type {
	return kit.TypeOf[engine.Pattern]("pattern", "Something to wait for that is not a regular expression.")
}
