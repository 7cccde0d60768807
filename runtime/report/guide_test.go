package report

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gofab/runtime/event"
)

const guide = "../../docs/guide/output.md"

// schema documents the JSON format from its declaration.
func schema() string {
	out := "\n"
	for _, part := range []struct {
		title string
		value any
	}{
		{"The document", Report{}}, {"`summary`", Summary{}}, {"Each of `tasks`", Task{}}, {"Each of `hosts`", Host{}},
		{"Each of a host's `tasks`", Visit{}}, {"Each of `commands`", Command{}}, {"Each of `transfers`", Transfer{}},
		{"Each of `problems`, and `error`", nil}, {"Each of `messages`", Message{}}, {"`left_out`", LeftOut{}},
	} {
		if part.value == nil {
			out += part.title + ": `kind`, `message`, `hint`, `where` (file:line in the script), `host`, `trace`.\n\n"
			continue
		}
		out += part.title + ":\n\n| key | |\n| --- | --- |\n"
		for f := range reflect.TypeOf(part.value).Fields() {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			doc := f.Tag.Get("doc")
			out += fmt.Sprintf("| `%s` | %s |\n", key, strings.TrimSuffix(strings.ToLower(doc[:1])+doc[1:], "."))
		}
		out += "\n"
	}
	return out
}

var generated = regexp.MustCompile(`(?s)(<!-- report -->\n).*?(<!-- /report -->)`)

// TestGuideHasTheSchema: the guide documents each key of the JSON format as
// its declaration does.
func TestGuideHasTheSchema(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	want := generated.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(schema(), "$", "$$")+"${2}")
	if os.Getenv("GOFAB_WRITE") != "" {
		if err := os.WriteFile(guide, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not up to date: GOFAB_WRITE=1 go test ./runtime/report -run Guide", guide)
	}
}

// TestGuideHasTheEvents: every event of the jsonl format is in the guide with
// all of its keys, and every key is explained.
func TestGuideHasTheEvents(t *testing.T) {
	data, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "### JSON lines")
	told := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .* \\| (`.*`) \\|$").FindAllStringSubmatch(text, -1) {
		told[m[1]] = m[2]
	}
	_, glossary, _ := strings.Cut(text, "| key | |")
	for name, kind := range event.Kinds() {
		var keys []string
		for f := range kind.Fields() {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			keys = append(keys, "`"+key+"`")
			if !strings.Contains(glossary, "`"+key+"`") {
				t.Errorf("the key %s is not explained", key)
			}
		}
		if want := strings.Join(keys, " "); told[name] != want {
			t.Errorf("%s has the keys %s, the guide tells of %s", name, want, told[name])
		}
		delete(told, name)
	}
	if len(told) > 0 {
		t.Errorf("the guide tells of events that are none: %v", told)
	}
	for _, state := range event.States {
		if !slices.Contains(strings.Fields(strings.ReplaceAll(string(data), ",", " ")), "`"+string(state)+"`") {
			t.Errorf("the state %s is not told", state)
		}
	}
}
