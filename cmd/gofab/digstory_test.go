package main

import (
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"gofab/internal/testenv"
)

func init() { storyCommands["named"] = named }

// named runs a real BIND with the zone every.test; the story finds it at
// $PORT of 127.0.0.1.
func named(ts *testscript.TestScript, _ bool, _ []string) {
	n := testenv.StartNamed(testOf(ts), testenv.NameServer{Zones: []testenv.Zone{
		{Name: "every.test", Text: testenv.EveryType, Lines: "allow-transfer { any; };"},
	}})
	ts.Setenv("PORT", strconv.Itoa(n.Port))
}
