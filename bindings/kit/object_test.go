package kit_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gofab/bindings/kit"
)

// lamp is what the objects of these tests hold.
type lamp struct {
	name  string
	watts int
}

func (l *lamp) String() string { return "lamp " + l.name }

// bulb is an object that is not interned and does not print itself.
type bulb struct{ socket string }

type lampArgs struct {
	Watts int `lua:"watts,arg1" doc:"The power."`
}

type lampRef struct {
	Lamp *lamp `lua:"lamp,arg1" doc:"A lamp."`
}

// lamps is the module of both.
func lamps() *kit.Module {
	shelf := map[string]*lamp{"a": {name: "a", watts: 5}, "b": {name: "b", watts: 7}}
	type named struct {
		Name string `lua:"name,arg1" doc:"Which."`
	}
	m := probe(
		kit.Fn("lamp", "A lamp from the shelf.", func(_ *kit.Call, a named) (*lamp, error) { return shelf[a.Name], nil }),
		kit.Fn("bulb", "A new bulb.", func(*kit.Call, struct{}) (*bulb, error) { return &bulb{"E27"}, nil }),
		kit.Fn("name", "The name of a lamp.", func(_ *kit.Call, a lampRef) (string, error) { return a.Lamp.name, nil }),
		kit.Fn("any", "The Go type.", func(_ *kit.Call, a struct {
			Value any `lua:"value,arg1" doc:"Anything."`
		}) (string, error) {
			return reflect.TypeOf(a.Value).String(), nil
		}),
	)
	m.Types = []kit.Type{
		kit.TypeOf[*lamp]("lamp", "A lamp.",
			kit.Method("dim", "Change the power.", func(_ *kit.Call, l *lamp, a lampArgs) (int, error) { return l.watts - a.Watts, nil }),
		).Fields(
			kit.Field("name", "Its name.", func(l *lamp) string { return l.name }),
			kit.Field("watts", "Its power.", func(l *lamp) int { return l.watts }),
		).Length(func(self any) int { return self.(*lamp).watts }).Intern(),
		kit.TypeOf[*bulb]("bulb", "A bulb.", kit.Method("socket", "Its socket.", func(_ *kit.Call, b *bulb, _ struct{}) (string, error) { return b.socket, nil })),
	}
	m.Values = []kit.Value{{Name: "MAX", Doc: "The greatest power.", Value: 100}}
	return m
}

func TestObjects(t *testing.T) {
	for expression, want := range map[string]string{
		`l.name, l.watts`:              "a\t5",
		`l:dim(2)`:                     "3",
		`l:dim{watts = 1}`:             "4",
		`tostring(l)`:                  "lamp a",
		`tostring(probe.bulb())`:       "bulb",
		`probe.bulb():socket()`:        "E27",
		`probe.name(l)`:                "a",
		`probe.any(l)`:                 "*kit_test.lamp",
		`getmetatable(l)`:              "lamp",
		`type(l)`:                      "userdata",
		`probe.MAX`:                    "100",
		`probe.lamp("none") == nil`:    "true",
		`#l`:                           "5",
		`l == probe.lamp("a")`:         "true",
		`rawequal(l, probe.lamp("a"))`: "true",
		`l == probe.lamp("b")`:         "false",
		`({[l] = 1})[probe.lamp("a")]`: "1",
	} {
		expectPrint(t, fmt.Sprintf(`local l = probe.lamp("a") print(%s)`, expression), want, lamps())
	}
	expectPrint(t, `print(probe.bulb() == probe.bulb())`, "false", lamps())
}

func TestMisuseOfObjects(t *testing.T) {
	for statement, want := range map[string]string{
		`print(l.nmae)`:               `a lamp has no "nmae" (did you mean "name"?)`,
		`print(l.elephant)`:           `a lamp has no "elephant"`,
		`l:dmi(1)`:                    `a lamp has no "dmi" (did you mean "dim"?)`,
		`l.name = "x"`:                `a lamp is read-only: cannot set "name"`,
		`l.other = 1`:                 `a lamp is read-only: cannot set "other"`,
		`l.dim(1)`:                    `lamp:dim: call it with a colon on a lamp: x:dim(...), not x.dim(...)`,
		`l.dim()`:                     `call it with a colon on a lamp`,
		`l.dim(probe.bulb(), 1)`:      `call it with a colon on a lamp`,
		`l:dim("x")`:                  `lamp:dim: watts: want integer, got string "x"`,
		`l:dim(l)`:                    `lamp:dim: watts: want integer, got lamp`,
		`probe.name(probe.bulb())`:    `probe.name: lamp: want lamp, got bulb`,
		`probe.name("a")`:             `probe.name: lamp: want lamp, got string "a"`,
		`local b = #probe.bulb()`:     `a bulb has no length`,
		`probe.lamp("a", "b", probe)`: `too many arguments: unexpected table`,
		`print(probe.MAXX)`:           `there is no probe.MAXX (did you mean "probe.MAX"?)`,
	} {
		_, err := lua(t, "local l = probe.lamp('a')\n"+statement, lamps())
		if err == nil || !strings.HasPrefix(err.Error(), "test.lua:2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", statement, err, want)
		}
	}
}

// Two interpreters know nothing of each other's objects.
func TestInternedObjectsBelongToOneInterpreter(t *testing.T) {
	m := lamps()
	for range 2 {
		expectPrint(t, `print(rawequal(probe.lamp("a"), probe.lamp("a")))`, "true", m)
	}
}
