// Package diff is the Lua module diff: compare texts, lists, files and files on
// hosts; apply patches; merge.
package diff

import "gofab/bindings/kit"

// Module declares diff.
func Module() *kit.Module {
	return &kit.Module{
		Name: "diff",
		Doc: "Compare texts, lists and files, here and on hosts; apply patches and merge. Results are those of Python's difflib. " +
			"A text is a string, a list of lines without their line ends, or {file = path, on = host}. " +
			"Indexes count from 1 and ranges hold both ends.",
		Funcs: []kit.Func{
			kit.Fn("unified", "Write the changes in the unified format, which patch and git read; \"\" when there are none.", unified).With(
				`local d = diff.unified("a\nb\n", "a\nc\n", { from = "old", to = "new" })
assert(d == "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n")`,
				`host("web1"):write("motd", "hello\n")
print(diff.unified({ file = "motd", on = host("web1") }, "hello world\n"))`),
			kit.Fn("context", "Write the changes in the context format; \"\" when there are none.", contextual),
			kit.Fn("ndiff", "Write all lines with \"- \", \"+ \" or two blanks in front, and \"? \" lines that point at what changed inside "+
				"similar lines.", ndiff).With(
				`assert(diff.ndiff("one\n", "ore\n") == "- one\n?  ^\n+ ore\n?  ^\n")`),
			kit.Fn("restore", "Give back one of the two texts that ndiff compared.", restore).With(
				`local delta = diff.ndiff("one\ntwo\n", "ore\ntwo\n")
assert(diff.restore(delta, 2) == "ore\ntwo\n")`),
			kit.Fn("terminal", "Write the changes with colours for a terminal; inside similar lines what changed is inverted.", terminal),
			kit.Fn("html", "Write a page that shows both texts side by side. It needs no other file.", page).With(
				`fs.write("drift.html", diff.html("port = 80\n", "port = 8080\n", { from = "wanted", to = "found" }))`),
			kit.Fn("stat", "Count added, removed, changed and equal lines.", stat).With(
				`local s = diff.stat("a\nport = 80\n", "port = 81\nb\n")
assert(s.added == 1 and s.removed == 1 and s.changed == 1)`),
			kit.Fn("opcodes", "List the steps that turn the first into the second.", opcodes).With(
				`local steps = diff.opcodes({ "a", "b", "c" }, { "a", "x", "c" })
assert(steps[2].tag == "replace" and steps[2].a1 == 2 and steps[2].a2 == 2)`),
			kit.Fn("hunks", "List the steps in groups: each group of changes with equal ones around it.", hunks),
			kit.Fn("blocks", "List the runs that both have: a and b are where each begins, size how long it is.", blocks).With(
				`local b = diff.blocks("abxcd", "abcd", { by = "char" })
assert(#b == 2 and b[2].a == 4 and b[2].b == 3 and b[2].size == 2)`),
			kit.Fn("ratio", "Tell how alike two texts are, from 0 to 1. Strings are compared by character, lists by item.", ratio).With(
				`assert(diff.ratio("abcd", "bcde") == 0.75)`),
			kit.Fn("close_matches", "Give the words of a list that are most like a word, the best first.", closeMatches).With(
				`assert(diff.close_matches("appel", { "ape", "apple", "peach", "puppy" })[1] == "apple")`),
			kit.Fn("lines", "Cut a text into lines without their line ends.", splitLines).With(
				`assert(#diff.lines("a\nb\n") == 2)`),
			kit.Fn("parse", "Read a unified diff: the files and their changes.", parse).With(
				`local files = diff.parse("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n")
assert(files[1].new == "b/x" and files[1].added == 1)`),
			kit.Fn("apply", "Change a text as a patch says. Changes that do not fit where they should are looked for nearby, as patch does; "+
				"when one fits nowhere it raises, and nothing is changed.", apply).With(
				`local patch = diff.unified("a\nb\n", "a\nc\n")
assert(diff.apply("a\nb\n", patch).text == "a\nc\n")
assert(diff.apply("a\nc\n", patch, { reverse = true }).text == "a\nb\n")`),
			kit.Fn("apply_files", "Change the files of a folder as a patch says: all of them, or none when something does not fit. What git adds to patches counts: renames, copies, modes, empty files.", applyFiles).With(
				`fs.write("app.conf", "port = 80\n")
diff.apply_files("--- a/app.conf\n+++ b/app.conf\n@@ -1 +1 @@\n-port = 80\n+port = 81\n")
assert(fs.read("app.conf") == "port = 81\n")`),
			kit.Fn("merge", "Join the changes that two versions made to a common base. Where both changed the same place differently the "+
				"text has conflict marks.", merge).With(
				`local m = diff.merge("A\nb\nc\n", "a\nb\nC\n", { base = "a\nb\nc\n" })
assert(m.text == "A\nb\nC\n" and m.conflicts == 0)`),
		},
	}
}
