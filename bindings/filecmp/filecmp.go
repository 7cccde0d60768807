// Package filecmp is the Lua module filecmp: compare files and folders, here
// and on hosts.
package filecmp

import "gofab/bindings/kit"

// Module declares filecmp.
func Module() *kit.Module {
	return &kit.Module{
		Name: "filecmp",
		Doc: "Compare files and folders, here and on hosts. A side is a path, or {path =, on = host}. Content decides; on a host it is " +
			"hashed over there, with one command for all files.",
		Funcs: []kit.Func{
			kit.Fn("equal", "Tell whether two files have the same content.", equal).With(
				`fs.write("a", "1") fs.write("b", "1")
assert(filecmp.equal("a", "b"))`,
				`fs.write("app.conf", "port = 80\n")
host("web1"):put("app.conf", "app.conf")
assert(filecmp.equal("app.conf", { path = "app.conf", on = host("web1") }))`),
			kit.Fn("files", "Compare files of the same names in two folders: which are the same, which differ, which cannot be compared.", files).With(
				`fs.write("l/a", "1") fs.write("r/a", "1") fs.write("l/b", "1") fs.write("r/b", "2")
local r = filecmp.files("l", "r", { names = { "a", "b", "c" } })
assert(r.same[1] == "a" and r.different[1] == "b" and r.errors[1] == "c")`),
			kit.Fn("dirs", "Compare two folders with all that is in them.", dirs).With(
				`fs.write("l/etc/app.conf", "1") fs.write("r/etc/app.conf", "2") fs.write("l/new", "x")
local r = filecmp.dirs("l", "r")
assert(not r.equal and r.different[1] == "etc/app.conf" and r.left_only[1] == "new")
print(r:report())`,
				`fs.write("www/index.html", "hi")
host("web1"):put("www", "www")
assert(filecmp.dirs("www", { path = "www", on = host("web1") }).equal)`),
		},
		Types:  []kit.Type{resultType()},
		Values: []kit.Value{{Name: "IGNORED", Doc: "Names that Python's filecmp leaves out: give it as ignore to leave them out here.", Value: ignored()}},
	}
}
