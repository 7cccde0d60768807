package kit_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

// every has one option of each type that an argument may have.
type every struct {
	Text   string         `lua:"text" default:"" doc:"A string."`
	Flag   bool           `lua:"flag" default:"" doc:"A boolean."`
	Whole  int            `lua:"whole" default:"" doc:"An integer."`
	Tiny   int8           `lua:"tiny" default:"" doc:"A small integer."`
	Count  uint16         `lua:"count" default:"" doc:"An integer that is not negative."`
	Real   float64        `lua:"real" default:"" doc:"A number."`
	Wait   time.Duration  `lua:"wait" default:"" doc:"A duration."`
	Size   kit.Size       `lua:"size" default:"" doc:"A size."`
	When   time.Time      `lua:"when" default:"" doc:"A time."`
	Hidden secret.Value   `lua:"hidden" default:"" doc:"A secret."`
	Raw    []byte         `lua:"raw" default:"" doc:"Bytes."`
	List   []string       `lua:"list" default:"" doc:"A list."`
	Grid   [][]int        `lua:"grid" default:"" doc:"A list of lists."`
	Named  map[string]int `lua:"named" default:"" doc:"A table."`
	Any    any            `lua:"any" default:"" doc:"Anything."`
	Maybe  *int           `lua:"maybe" doc:"An integer or nothing."`
	Level  level          `lua:"level" default:"" doc:"A type that reads itself."`
	Inner  inner          `lua:"inner" default:"" doc:"A table with fields."`
	Inners []inner        `lua:"inners" default:"" doc:"A list of those."`
}

type inner struct {
	Port int    `lua:"port" doc:"A port."`
	Name string `lua:"name" default:"web" doc:"A name."`
}

// level reads itself from "low" or "high".
type level int

func (l *level) FromLua(value any) error {
	switch value {
	case "low":
		*l = 1
	case "high":
		*l = 2
	default:
		return fmt.Errorf("want low or high, got %v", value)
	}
	return nil
}

func (level) LuaType() string { return `"low"|"high"` }

func TestDecodesEveryType(t *testing.T) {
	seven := 7
	for option, want := range map[string]every{
		`text = "a\0b"`:                     {Text: "a\x00b"},
		`flag = true`:                       {Flag: true},
		`whole = 9007199254740992`:          {Whole: 1 << 53},
		`tiny = -128`:                       {Tiny: -128},
		`count = 65535`:                     {Count: 65535},
		`real = -0.5`:                       {Real: -0.5},
		`wait = 1.5`:                        {Wait: 1500 * time.Millisecond},
		`wait = "1h30m"`:                    {Wait: 90 * time.Minute},
		`size = 4096`:                       {Size: 4096},
		`size = "10M"`:                      {Size: 10 << 20},
		`when = 1.5`:                        {When: time.Unix(1, 5e8)},
		`hidden = "s3cret"`:                 {Hidden: secret.New("s3cret")},
		`raw = "\255\0"`:                    {Raw: []byte{255, 0}},
		`list = {"a", "b"}`:                 {List: []string{"a", "b"}},
		`list = {}`:                         {List: []string{}},
		`grid = {{1, 2}, {}}`:               {Grid: [][]int{{1, 2}, {}}},
		`named = {a = 1, b = 2}`:            {Named: map[string]int{"a": 1, "b": 2}},
		`any = 1`:                           {Any: 1.0},
		`any = {1, "x", true}`:              {Any: []any{1.0, "x", true}},
		`any = {a = {b = "c"}}`:             {Any: map[string]any{"a": map[string]any{"b": "c"}}},
		`any = {[1.5] = "x"}`:               {Any: map[string]any{"1.5": "x"}},
		`any = {}`:                          {Any: map[string]any{}},
		`maybe = 7`:                         {Maybe: &seven},
		`level = "high"`:                    {Level: 2},
		`inner = {port = 80}`:               {Inner: inner{80, "web"}},
		`inner = {port = 80, name = "db"}`:  {Inner: inner{80, "db"}},
		`inners = {{port = 1}, {port = 2}}`: {Inners: []inner{{1, "web"}, {2, "web"}}},
		`text = nil`:                        {},
		`text = "a", flag = false, list = {"\n"}`: {Text: "a", List: []string{"\n"}},
	} {
		got, err := decoded[every](t, "probe.f{"+option+"}")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", option, got, err, want)
		}
	}
}

func TestConvertsNothingSilently(t *testing.T) {
	for option, want := range map[string]string{
		`text = 1`:                          `text: want string, got number 1`,
		`text = {}`:                         `text: want string, got table`,
		`flag = 1`:                          `flag: want boolean, got number 1`,
		`flag = "true"`:                     `flag: want boolean, got string "true"`,
		`whole = 1.5`:                       `whole: want integer, got 1.5`,
		`whole = "1"`:                       `whole: want integer, got string "1"`,
		`whole = 1/0`:                       `whole: want integer, got +Inf`,
		`whole = 0/0`:                       `whole: want integer, got NaN`,
		`whole = 2^53 + 2`:                  `whole: want integer`,
		`tiny = 128`:                        `tiny: 128 is out of range`,
		`count = -1`:                        `count: -1 is out of range`,
		`count = 65536`:                     `count: 65536 is out of range`,
		`real = "0.5"`:                      `real: want number, got string "0.5"`,
		`wait = true`:                       `wait: want duration (seconds or "30s"), got boolean true`,
		`wait = -1`:                         `wait: -1 seconds is out of range`,
		`wait = 0/0`:                        `wait: NaN seconds is out of range`,
		`wait = "soon"`:                     `wait: "soon" is not a duration`,
		`size = 1.5`:                        `size: want integer, got 1.5`,
		`size = -1`:                         `size: -1 is out of range`,
		`size = "big"`:                      `size: "big" is not a size`,
		`when = "now"`:                      `when: want time (Unix seconds), got string "now"`,
		`when = 1/0`:                        `when: want time (Unix seconds)`,
		`hidden = 1`:                        `hidden: want string or secret, got number 1`,
		`raw = 1`:                           `raw: want string, got number 1`,
		`list = "a"`:                        `list: want list, got string "a"`,
		`list = {1}`:                        `list: [1]: want string, got number 1`,
		`list = {"a", nil, "c"}`:            `list: want list, got a table with holes (2 values, the last at 3)`,
		`list = {"a", x = "b"}`:             `list: want list, got a table with list items and the key string "x"`,
		`grid = {{1}, {2, "x"}}`:            `grid: [2]: [2]: want integer, got string "x"`,
		`named = {a = "x"}`:                 `named: a: want integer, got string "x"`,
		`named = {1}`:                       `named: key 1: want string, got number 1`,
		`any = coroutine.create(print)`:     `any: a thread cannot be passed here`,
		`any = {a = {[true] = 1}}`:          `any: a: a boolean cannot be a key here`,
		`any = {1, nil, 3}`:                 `any: want list, got a table with holes`,
		`maybe = "x"`:                       `maybe: want integer, got string "x"`,
		`level = "middle"`:                  `level: want low or high, got middle`,
		`inner = {}`:                        `inner: missing argument "port" (integer)`,
		`inner = {port = 1, prot = 2}`:      `inner: unknown option "prot" (did you mean "port"?)`,
		`inner = 1`:                         `inner: want table, got number 1`,
		`inners = {{port = 1}, {name = 1}}`: `inners: [2]: name: want string, got number 1`,
		`text = ("x"):rep(41), flag = ""`:   `flag: want boolean, got string ""`,
		`flag = ("x"):rep(41)`:              `flag: want boolean, got string`,
		`flag = print`:                      `flag: want boolean, got function`,
		`txt = "a"`:                         `unknown option "txt" (did you mean "text"?)`,
		`zebra = 1`:                         `unknown option "zebra"`,
		`"a"`:                               `options are named; found the number 1`,
		`[true] = 1`:                        `options are named; found the boolean true`,
	} {
		_, err := decoded[every](t, "probe.f{"+option+"}")
		expectFault(t, option, err, fault.Usage, "test.lua:1: probe.f: "+want)
	}
}

// A table that holds itself is an error and not a hang.
func TestRefusesCyclicTables(t *testing.T) {
	_, err := decoded[every](t, "local t = {} t.t = t probe.f{any = t}")
	expectFault(t, "any", err, fault.Usage, "nested more than 100 deep (does one hold itself?)")
	_, err = decoded[every](t, "local t = {} t[1] = t probe.f{any = t}")
	expectFault(t, "list", err, fault.Usage, "nested more than 100 deep (does one hold itself?)")
	_, err = decoded[tree](t, "local t = {} t.kids = {t} probe.f(t)")
	expectFault(t, "struct", err, fault.Usage, "nested more than 100 deep (does one hold itself?)")
	got, err := decoded[every](t, "local t, top = {} top = t for i = 1, 90 do t.t = {} t = t.t end probe.f{any = top}")
	if err != nil || got.Any == nil {
		t.Errorf("90 levels: %v", err)
	}
}

// tree is an argument that holds more of itself.
type tree struct {
	Kids []tree `lua:"kids" default:"" doc:"The branches."`
}
