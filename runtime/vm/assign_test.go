package vm_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

func TestSwap(t *testing.T) {
	for _, c := range [][2]string{
		{`local a, b = 1, 2 a, b = b, a print(a, b)`, "2\t1"},
		{`local a, b = 0, 1 for _ = 1, 9 do a, b = b, a + b end print(a, b)`, "34\t55"},
		{`local a, b, c = 1, 2, 3 a, b, c = c, a, b print(a, b, c)`, "3\t1\t2"},
		{`local t = {} local old = t t, t.x = {}, 5 print(old.x, t.x)`, "5\tnil"},
		{`local i, t = 1, {} i, t[i] = i + 1, 20 print(i, t[1], t[2])`, "2\t20\tnil"},
		{`local i, t = 1, {} t[i], i = 20, i + 1 print(i, t[1], t[2])`, "2\t20\tnil"},
		{`local a, b, c = 1, 2, 3 a, b, c = b print(a, b, c)`, "2\tnil\tnil"},
		{`local a, b = 1, 2 a, b = b, a, error print(a, b)`, "2\t1"},
		{`local function f() return 7, 8 end local a, b, c = 1, 2, 3 a, b, c = b, f() print(a, b, c)`, "2\t7\t8"},
		{`local a, b = 1, 2 local function swap() a, b = b, a end swap() print(a, b)`, "2\t1"},
		{`local t, n = {1, 2}, 0 local function f() n = n + 1 return t end local a a, f()[1] = 9, 8 print(a, t[1], n)`, "9\t8\t1"},
	} {
		got, err := run(t, c[0])
		if err != nil || strings.TrimSuffix(got, "\n") != c[1] {
			t.Errorf("%s\ngot %q, %v, want %q", c[0], got, err, c[1])
		}
	}
}

// Generated assignments to locals, upvalues, globals and fields, against PUC
// Lua. Neither says in which order it assigns, so no target occurs twice.
func TestAssignmentsEqualPUCLua(t *testing.T) {
	lua := testenv.Require(t, "lua5.1")
	random := rand.New(rand.NewPCG(testenv.Seed(t), 3))
	var script strings.Builder
	script.WriteString("A, B = 1, 2\n")
	for range 400 {
		script.WriteString("do local a, b, c, t, u = 1, 2, 3, {1, 2, 3, 4}, 5\n")
		for range 3 {
			statement := assignment(random)
			if random.IntN(3) == 0 {
				statement = "local function f() " + statement + " end f()"
			}
			script.WriteString(statement + "\n")
		}
		script.WriteString("print(a, b, c, u, A, B, t[1], t[2], t[3], t[4]) end\n")
	}
	cmd := exec.Command(lua, "-")
	cmd.Stdin = strings.NewReader(script.String())
	want, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, want)
	}
	got, err := run(t, script.String())
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, got, string(want), script.String())
}

func compareLines(t *testing.T, got, want, script string) {
	t.Helper()
	g, w, blocks := strings.Split(got, "\n"), strings.Split(want, "\n"), strings.SplitAfter(script, " end\n")
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("block %d: got %q, want %q\n%s", i, g[min(i, len(g)-1)], w[i], blocks[min(i, len(blocks)-1)])
		}
	}
}

func assignment(random *rand.Rand) string {
	targets := []string{"a", "b", "c", "u", "A", "B", "t[1]", "t[a % 4 + 1]", "t[u % 4 + 1]"}
	random.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	left, fields := []string{}, 0
	for _, target := range targets[:2+random.IntN(3)] {
		if target[0] == 't' {
			if fields++; fields > 1 {
				continue // two might be the same
			}
		}
		left = append(left, target)
	}
	values := []string{"a", "b", "c", "u", "A", "B", "t[1]", "t[b % 4 + 1]", "a + b", "c * 2", "-u", "7", "a .. b", "#t", "a and b", "(b)", "nil or c"}
	right := []string{}
	for range left {
		right = append(right, "(tonumber("+values[random.IntN(len(values))]+") or 1) % 1000")
	}
	if random.IntN(2) == 0 {
		for i := range right {
			right[i] = values[random.IntN(6)]
		}
	}
	return fmt.Sprintf("%s = %s", strings.Join(left, ", "), strings.Join(right, ", "))
}
