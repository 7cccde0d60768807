package vm_test

import (
	"strings"
	"testing"
)

// What a loop goes over may be any expression, with calls at any depth.
func TestLoopsOverResultsOfCalls(t *testing.T) {
	const objects = `
local o = { run = function(self, x) return { stdout = x } end }
local function f() return { stdout = "a b", list = { "a", "b" } } end
local all = {}
`
	for _, loop := range []string{
		`for w in o:run("a b").stdout:gmatch("%S+") do all[#all + 1] = w end`,
		`for w in f().stdout:gmatch("%S+") do all[#all + 1] = w end`,
		`for w in (f().stdout):gmatch("%S+") do all[#all + 1] = w end`,
		`for _, w in ipairs(f().list) do all[#all + 1] = w end`,
		`for _, w in next, f().list, nil, "too many" do all[#all + 1] = w end`,
		`for _, w in ipairs { "a", "b", "c" } do if w == "c" then break end all[#all + 1] = w end`,
		`for a in f().stdout:gmatch("a") do for b in f().stdout:gmatch("b") do all = { a, b } end end`,
		`local get = {}
for i, w in ipairs(f().list) do get[i] = function() return w end end
all = { get[1](), get[2]() }`,
		`for i = 1, f().stdout:len(), o:run("ab").stdout:len() do all[#all + 1] = i == 1 and "a" or "b" end`,
	} {
		out, err := run(t, objects+loop+"\nprint(table.concat(all))")
		if err != nil || strings.TrimSpace(out) != "ab" {
			t.Errorf("%s: %q, %v", loop, out, err)
		}
	}
}
