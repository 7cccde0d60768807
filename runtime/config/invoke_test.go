package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/datafile"
	"gofab/internal/testenv"
)

// fileLayers are those that are written as files, for both.
var fileLayers = []string{System, User, Project, File}

// someTable makes a table of few names, so that layers meet.
func someTable(r *rand.Rand, depth int) map[string]any {
	table := map[string]any{}
	for range r.IntN(4) {
		name := []string{"a", "b", "c", "a_b", "b_c"}[r.IntN(5)]
		switch {
		case depth > 0 && r.IntN(3) == 0 && name != "c":
			table[name] = someTable(r, depth-1)
		default:
			table[name] = []any{float64(r.IntN(9)), "text", r.IntN(2) == 0, []any{1.0, "x"}}[r.IntN(4)]
		}
	}
	return table
}

// leaves lists the values of a table with their paths.
func leaves(table map[string]any, path []string, into map[string][][]string) {
	for name, value := range table {
		at := append(slices.Clone(path), name)
		if below, ok := value.(map[string]any); ok {
			leaves(below, at, into)
		} else {
			key := strings.ToUpper(strings.Join(at, "_"))
			if !slices.ContainsFunc(into[key], func(p []string) bool { return slices.Equal(p, at) }) {
				into[key] = append(into[key], at)
			}
		}
	}
}

// TestAsInvoke puts generated layers through Invoke and through gofab.
func TestAsInvoke(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "invoke"), "testdata/invoke_oracle.py")
	r := rand.New(rand.NewPCG(testenv.Seed(t), 3))
	compared, errors := 0, 0
	for i := range 1500 {
		question := map[string]any{}
		known := map[string][][]string{}
		for _, layer := range fileLayers {
			if r.IntN(3) > 0 {
				table := someTable(r, 2)
				question[layer] = table
				leaves(table, nil, known)
			}
		}
		if r.IntN(2) == 0 {
			question[Flags] = someTable(r, 1)
			leaves(question[Flags].(map[string]any), nil, known)
		}
		environment := map[string]string{}
		ambiguous := false
		for _, name := range slices.Sorted(maps.Keys(known)) {
			if len(known[name]) > 1 {
				ambiguous = true
			} else if r.IntN(6) == 0 {
				environment["INVOKE_"+name] = "1"
			}
		}
		question["environment"] = environment
		var answer struct {
			Value map[string]any
			Error string
		}
		oracle.Ask(question, &answer)
		got, err := ours(question, environment)
		switch {
		case strings.HasPrefix(answer.Error, "AmbiguousEnvVar") && ambiguous:
			continue // we mind only a variable that is there; TestMistakesInTheEnvironment
		case answer.Error == "UncastableEnvVar":
			continue // a list: ours splits at commas
		case answer.Error != "" || err != nil:
			errors++
			if answer.Error == "" || err == nil {
				t.Fatalf("case %d: Invoke says %q, gofab %v\n%s", i, answer.Error, err, asJSON(question))
			}
			continue
		}
		compared++
		if diff := cmp.Diff(normal(answer.Value), normal(got)); diff != "" {
			t.Fatalf("case %d: %s\n%s", i, asJSON(question), diff)
		}
	}
	t.Logf("%d equal, %d refused by both", compared, errors)
	if compared < 300 || errors < 50 {
		t.Errorf("%d equal, %d refused by both: the cases are not what they should be", compared, errors)
	}
}

// ours puts the layers under vars, where anything may be.
func ours(question map[string]any, environment map[string]string) (map[string]any, error) {
	c := New(nil)
	for _, layer := range fileLayers {
		if table, ok := question[layer]; ok {
			if err := c.addText(layer, datafile.JSON, layer, []byte(`{"vars":`+asJSON(table)+`}`)); err != nil {
				return nil, err
			}
		}
	}
	if table, ok := question[Flags]; ok {
		if err := c.addText(Flags, datafile.JSON, Flags, []byte(`{"vars":`+asJSON(table)+`}`)); err != nil {
			return nil, err
		}
	}
	var environ []string
	for name, value := range environment {
		environ = append(environ, strings.Replace(name, "INVOKE_", "GOFAB_VARS_", 1)+"="+value)
	}
	if err := c.AddEnv(environ); err != nil {
		return nil, err
	}
	value, _, err := c.Get(Vars)
	table, _ := value.(map[string]any)
	return table, err
}

// normal writes values in one way: Invoke gives "1" for a text, 1 for a number.
func normal(table map[string]any) string { return asJSON(table) }

func asJSON(value any) string {
	if table, ok := value.(map[string]any); ok && table == nil {
		value = map[string]any{}
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(data)
}
