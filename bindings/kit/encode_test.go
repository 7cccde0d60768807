package kit_test

import (
	"math"
	"testing"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// answer is a result with everything in it.
type answer struct {
	Name  string         `lua:"name" doc:"A name."`
	Code  int            `lua:"code" doc:"A code."`
	Took  time.Duration  `lua:"took" doc:"How long."`
	At    time.Time      `lua:"at" doc:"When."`
	Never time.Time      `lua:"never" doc:"A time that is not known."`
	Raw   []byte         `lua:"raw" doc:"Bytes."`
	Lines []string       `lua:"lines" doc:"Lines."`
	Sums  map[string]int `lua:"sums" doc:"Numbers by name."`
	Part  part           `lua:"part" doc:"A part."`
	Parts []part         `lua:"parts" doc:"Parts."`
	Maybe *int           `lua:"maybe" doc:"A number or nothing."`
	Err   error          `lua:"err" doc:"An error or nothing."`
	inner int            //nolint:unused // what is not exported is left out
}

type part struct {
	Port uint16 `lua:"port" doc:"A port."`
}

func TestEncodesEveryType(t *testing.T) {
	module := giver(answer{
		Name: "web\x00", Code: -1, Took: 1500 * time.Millisecond, At: time.Unix(10, 25e7), Raw: []byte{255},
		Lines: []string{"a", "b"}, Sums: map[string]int{"x": 1}, Part: part{80}, Parts: []part{{1}, {2}},
		Err: fault.New(fault.Denied, "no"),
	})
	for expression, want := range map[string]string{
		`#r.name, r.code`:                  "4\t-1",
		`r.took, r.at, r.never`:            "1.5\t10.25\tnil",
		`r.raw:byte(), #r.raw`:             "255\t1",
		`#r.lines, r.lines[1], r.lines[2]`: "2\ta\tb",
		`r.sums.x`:                         "1",
		`r.part.port, r.parts[2].port`:     "80\t2",
		`r.maybe, r.inner`:                 "nil\tnil",
		`r.err.kind, r.err.message`:        "denied\tno",
	} {
		expectPrint(t, "local r = probe.f() print("+expression+")", want, module)
	}
}

// Whole numbers stay exact: those that a Lua number cannot hold are strings.
func TestEncodesWholeNumbersExactly(t *testing.T) {
	for want, value := range map[string]any{
		"number\t9007199254740992":     int64(1) << 53,
		"number\t-9007199254740992":    -int64(1) << 53,
		"string\t9007199254740993":     int64(1)<<53 + 1,
		"string\t-9007199254740993":    -int64(1)<<53 - 1,
		"string\t9223372036854775807":  int64(math.MaxInt64),
		"string\t-9223372036854775808": int64(math.MinInt64),
		"string\t18446744073709551615": uint64(math.MaxUint64),
		"number\t255":                  uint8(255),
	} {
		script := `local v = probe.f() print(type(v), type(v) == "number" and ("%.0f"):format(v) or v)`
		expectPrint(t, script, want, giver(value))
	}
}

// echo gives back what it gets, so that data makes a round trip.
func echo() *kit.Module {
	type args struct {
		Value any `lua:"value,arg1" doc:"Anything."`
	}
	return probe(kit.Fn("f", "Give it back.", func(_ *kit.Call, a args) (any, error) { return a.Value, nil }))
}

func TestRoundTrips(t *testing.T) {
	for script, want := range map[string]string{
		`print(probe.f("x"), probe.f(1.5), probe.f(true), probe.f(false))`:        "x\t1.5\ttrue\tfalse",
		`local t = probe.f({1, {2, {3}}}) print(#t, #t[2], t[2][2][1])`:           "2\t2\t3",
		`local t = probe.f({a = {b = {c = "d"}}}) print(t.a.b.c)`:                 "d",
		`local f = function() end print(probe.f(f) == f)`:                         "true",
		`print(probe.f("\0\255") == "\0\255")`:                                    "true",
		`print(probe.f(1/0), probe.f(-1/0), probe.f(0/0) ~= probe.f(0/0))`:        "inf\t-inf\ttrue",
		`local t = probe.f({[0] = "x", [-7] = "y"}) print(t["0"], t["-7"], t[0])`: "x\ty\tnil",
		`local t = probe.f({[1] = "a", [2] = "b"}) print(#t, t[1], next(t) == 1)`: "2\ta\ttrue",
	} {
		expectPrint(t, script, want, echo())
	}
}

// [] is not {}: a list that came empty goes back as a list.
func TestEmptyListsStayLists(t *testing.T) {
	type args struct {
		Value any `lua:"value,arg1" doc:"Anything."`
	}
	module := probe(
		kit.Fn("list", "An empty list.", func(*kit.Call, struct{}) ([]any, error) { return nil, nil }),
		kit.Fn("kind", "What it is in Go.", func(_ *kit.Call, a args) (string, error) {
			switch a.Value.(type) {
			case []any:
				return "list", nil
			case map[string]any:
				return "map", nil
			}
			return "other", nil
		}),
	)
	expectPrint(t, `print(#probe.list(), next(probe.list()))`, "0\tnil", module)
	expectPrint(t, `print(probe.kind(probe.list()))`, "list", module)
	expectPrint(t, `print(probe.kind({}))`, "map", module)
	expectPrint(t, `local l = probe.list() l[1] = "a" print(probe.kind(l))`, "list", module)
	expectPrint(t, `local l = probe.list() l.x = "a" print(probe.kind(l))`, "map", module)
}

func TestMultipleResults(t *testing.T) {
	expectPrint(t, `print(probe.f())`, "1\tnil\tx", giver(kit.Multi{1, nil, "x"}))
	expectPrint(t, `print(select("#", probe.f()))`, "0", giver(kit.Multi{}))
	expectPrint(t, `print(select("#", probe.f()))`, "0", giver(kit.None{}))
}

// counter gives an iterator up to n that fails or panics at the end, if told.
func counter() *kit.Module {
	type args struct {
		N   int    `lua:"n,arg1" doc:"How far."`
		End string `lua:"end,arg2" default:"" doc:"How it ends."`
	}
	return probe(kit.Fn("f", "Count.", func(_ *kit.Call, a args) (kit.Iter, error) {
		i := 0
		return func(*kit.Call) (any, bool, error) {
			switch i++; {
			case i <= a.N:
				return kit.Multi{i, i * i}, true, nil
			case a.End == "fail":
				return nil, false, fault.New(fault.Lost, "the link broke")
			case a.End == "panic":
				panic("out of range")
			}
			return nil, false, nil
		}, nil
	}))
}

func TestIterators(t *testing.T) {
	expectPrint(t, `for i, square in probe.f(3) do print(i, square) end`, "1\t1\n2\t4\n3\t9", counter())
	expectPrint(t, `for i in probe.f(0) do print(i) end`, "", counter())
	expectPrint(t, `for i in probe.f(9) do if i == 2 then break end print(i) end`, "1", counter())
	_, err := lua(t, "\nfor i in probe.f(1, 'fail') do end", counter())
	expectFault(t, "fail", err, fault.Lost, "test.lua:2: iterator: the link broke")
	_, err = lua(t, "\nfor i in probe.f(1, 'panic') do end", counter())
	expectFault(t, "panic", err, fault.Failed, "test.lua:2: iterator: internal error: out of range")
}
