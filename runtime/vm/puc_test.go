package vm_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// pucScript calls the functions that work on bytes and numbers with odd
// arguments; PUC Lua and we must print the same.
const pucScript = `
local function show(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    parts[i] = type(v) == "string" and (v:gsub("[^%w ]", function(c) return ("\\%d"):format(c:byte()) end)) or tostring(v)
  end
  print(table.concat(parts, "|"))
end
local texts = { "", "a", "abc", "hello world", "\195\164\255\0z", "123", 1e15, 0.1 }
local places = { -100, -3, -1, 0, 1, 2, 3, 5, 100, "2", 1.9 }
for _, s in ipairs(texts) do
  show(string.upper(s), string.lower(s), string.reverse(s), string.len(s), string.byte(s))
  for _, i in ipairs(places) do
    show(string.sub(s, i), string.byte(s, i))
    for _, j in ipairs(places) do show(string.sub(s, i, j), string.byte(s, i, j)) end
  end
end
show(string.char(0, 65, 255, "66"))
for _, n in ipairs { "1e5", "0x10", " 10 ", "-0x10", "inf", "", "1 2", "0x", "1e400", "010", "1_0", "1\0a" } do show(tonumber(n)) end
for _, pair in ipairs { {"ff", 16}, {"0xff", 16}, {"zz", 36}, {"12", 3}, {"9", 8}, {"", 10}, {" 7 ", 8}, {12, 16}, {"1.5", 2} } do
  show(tonumber(pair[1], pair[2]))
end
show((pcall(string.char, 256)))
show((pcall(tonumber, "1", 37)))
show(("x"):rep(3), ("x"):rep(0), ("x"):rep(-1), ("x"):rep("2"), 0.1 .. "", 1e100 .. "")
show(tostring(-0.0), tostring(1e14), tostring(123456789012345), 2^63, -2^63)
show(table.concat({1, 0.5, "x"}, "-"), table.concat({1, 2, 3}, ",", 2, 3), table.concat({}))
`

func TestBytesAndNumbersEqualPUCLua(t *testing.T) {
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		if strings.Contains(os.Getenv("GOFAB_REQUIRE"), "lua5.1") {
			t.Fatal(err)
		}
		t.Skip("lua5.1 is not installed")
	}
	cmd := exec.Command(path, "-")
	cmd.Stdin = strings.NewReader(pucScript)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := run(t, pucScript)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(out), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i < len(want) && line != want[i] {
			t.Errorf("line %d: got %q, want %q", i+1, line, want[i])
		}
	}
}
