// Package fs is the Lua module fs: files and folders of this machine.
//
// Rules: a file is written beside its place and renamed, so that nobody ever
// reads half of it; nothing that is there is overwritten by mkdir, move or
// symlink; removing a tree says so.
package fs

import "gofab/bindings/kit"

// Module declares fs.
func Module() *kit.Module {
	return &kit.Module{
		Name: "fs",
		Doc: "Files and folders of this machine. Paths are relative to the working folder; ~/ is the home folder. " +
			"For managed hosts see h:read, h:write, h:put.",
		Funcs: []kit.Func{
			kit.Fn("read", "Give the content of a file.", read).With(
				`fs.write("motd", "hello\n")
assert(fs.read("motd") == "hello\n")`),
			kit.Fn("lines", "Go through the lines of a file, without their ends: for line in fs.lines(path) do ... end.", lines).With(
				`fs.write("hosts.txt", "web1\nweb2\n")
for line in fs.lines("hosts.txt") do print(line) end`),
			kit.Fn("write", "Write a file: beside its place, then renamed, so that nobody sees half of it.", write).With(
				`fs.write("app.conf", "port = 80\n", { mode = "0640" })
assert(fs.stat("app.conf").mode == "0640")`),
			kit.Fn("append", "Add to the end of a file, making it when it is not there.", appendTo).With(
				`fs.append("log.txt", "one\n")
fs.append("log.txt", "two\n")
assert(fs.read("log.txt") == "one\ntwo\n")`),
			kit.Fn("exists", "Tell whether there is something under a path.", exists).With(
				`assert(not fs.exists("no/such/file"))`),
			kit.Fn("stat", "Describe what is under a path; nil when there is nothing. Links are followed.", stat).With(
				`assert(fs.stat(".").type == "directory")
assert(fs.stat("no/such/file") == nil)`),
			kit.Fn("list", "List the names in a folder, sorted.", list).With(
				`fs.mkdir("conf.d")
fs.write("conf.d/a.conf", "")
assert(fs.list("conf.d")[1] == "a.conf")`),
			kit.Fn("glob", "List the paths that match a pattern, sorted; ** matches folders at any depth.", glob).With(
				`fs.write("site/css/main.css", "")
assert(fs.glob("site/**/*.css")[1] == "site/css/main.css")`),
			kit.Fn("walk", "Go through a tree, folders before what is in them: for entry in fs.walk(dir) do ... end. "+
				"Links are not followed.", walk).With(
				`fs.write("tree/a/b.txt", "x")
for entry in fs.walk("tree") do print(entry.path, entry.type, entry.size) end`),
			kit.Fn("mkdir", "Make a folder and those above it; one that is there is fine.", mkdir).With(`fs.mkdir("a/b/c")`),
			kit.Fn("remove", "Remove a file, a link or an empty folder; with recursive a whole tree. "+
				"Gives false when there was nothing.", remove).With(
				`fs.write("old/file", "")
assert(fs.remove("old", { recursive = true }))
assert(fs.remove("old") == false)`),
			kit.Fn("copy", "Copy a file, or a tree with its modes and links.", copyPath).With(
				`fs.write("from.txt", "x")
fs.copy("from.txt", "to.txt")
assert(fs.read("to.txt") == "x")`),
			kit.Fn("move", "Rename a file or folder; what is in the way is an error unless overwrite is set.", move).With(
				`fs.write("draft", "x")
fs.move("draft", "final")
assert(fs.exists("final") and not fs.exists("draft"))`),
			kit.Fn("chmod", "Set the permission bits.", chmod).With(`fs.write("run.sh", "")
fs.chmod("run.sh", "0755")`),
			kit.Fn("symlink", "Make a symbolic link at path that points to target.", symlink).With(
				`fs.symlink("releases/1", "current")
assert(fs.readlink("current") == "releases/1")`),
			kit.Fn("readlink", "Give what a symbolic link points to.", readlink),
			kit.Fn("temp", "Make a temporary folder; it is removed at the end of the run.", temp).With(
				`local dir = fs.temp()
fs.write(dir .. "/scratch", "x")`),
			kit.Fn("hash", "Give the checksum of a file, in hexadecimal.", hashFile).With(
				`fs.write("abc", "abc")
assert(fs.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")`),
			kit.Fn("join", "Join parts of a path.", join).With(`assert(fs.join("a", "b/", "../c") == "a/c")`),
			kit.Fn("basename", "Give the last part of a path.", basename).With(`assert(fs.basename("/srv/app.tgz") == "app.tgz")`),
			kit.Fn("dirname", "Give a path without its last part.", dirname).With(`assert(fs.dirname("/srv/app.tgz") == "/srv")`),
			kit.Fn("abs", "Give the absolute form of a path.", abs).With(`assert(fs.abs("/a/../b") == "/b")`),
		},
	}
}
