package inventory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/secret"
	"gofab/internal/testenv"
	"gofab/runtime/inventory"
)

// view is an inventory as both tell it.
type view struct {
	Hosts  map[string]map[string]any `json:"hosts"`
	Groups map[string][]string       `json:"groups"`
	Error  string                    `json:"error"`
}

// viewOf reads an inventory with gofab.
func viewOf(path string) (view, error) {
	inv := inventory.New()
	if err := inv.Load(context.Background(), path, inventory.Ansible); err != nil {
		return view{}, err
	}
	v := view{Hosts: map[string]map[string]any{}, Groups: map[string][]string{}}
	for _, h := range inv.Hosts() {
		v.Hosts[h.Name] = map[string]any{}
		for name, value := range h.Vars {
			if hidden, ok := value.(secret.Value); ok {
				value = hidden.Reveal()
			}
			v.Hosts[h.Name][name] = value
		}
	}
	for _, g := range append(inv.Groups(), inventory.Group{Name: "all"}, inventory.Group{Name: "ungrouped"}) {
		members, err := inv.Members(g.Name)
		if err != nil {
			return v, err
		}
		v.Groups[g.Name] = []string{}
		for _, h := range members {
			v.Groups[g.Name] = append(v.Groups[g.Name], h.Name)
		}
		slices.Sort(v.Groups[g.Name])
	}
	return v, nil
}

// same makes what JSON cannot tell apart equal: values through JSON, nothing
// as absent, members sorted.
func same(v view) view {
	text, _ := json.Marshal(v)
	var out view
	_ = json.Unmarshal(text, &out)
	for _, vars := range out.Hosts {
		maps.DeleteFunc(vars, func(_ string, value any) bool { return value == nil })
	}
	for _, members := range out.Groups {
		slices.Sort(members)
	}
	return out
}

type inventoryQuestion struct {
	Ask  string `json:"ask"`
	Text string `json:"text"`
}

// compareWithAnsible has both read inventories that are made one after the
// other.
func compareWithAnsible(t *testing.T, cases int, salt uint64, make func(r *rand.Rand) map[string]string) {
	oracle := testenv.Ask(t, testenv.Python(t, "ansible"), "../../internal/ansibleinv/testdata/oracle.py")
	random := rand.New(rand.NewPCG(testenv.Seed(t), salt))
	root, agreed := t.TempDir(), 0
	for i := range cases {
		files := make(random)
		dir := filepath.Join(root, fmt.Sprint(i))
		for name, text := range files {
			path := filepath.Join(dir, name)
			_ = os.MkdirAll(filepath.Dir(path), 0o700)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var want view
		oracle.Ask(inventoryQuestion{"inventory", filepath.Join(dir, "hosts")}, &want)
		got, err := viewOf(filepath.Join(dir, "hosts"))
		switch {
		case (err != nil) != (want.Error != ""):
			t.Errorf("case %d: got error %v, want error %q\n%s", i, err, want.Error, shownFiles(files))
		case err == nil:
			agreed++
			if diff := cmp.Diff(same(want), same(got)); diff != "" {
				t.Errorf("case %d: (-ansible +gofab)\n%s\n%s", i, diff, shownFiles(files))
			}
		}
		if t.Failed() {
			return
		}
	}
	if agreed < cases/2 {
		t.Errorf("only %d of %d inventories are right", agreed, cases)
	}
}

func shownFiles(files map[string]string) string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&out, "--- %s\n%s\n", name, files[name])
	}
	return out.String()
}

func TestINIAsAnsibleReadsIt(t *testing.T) { compareWithAnsible(t, 250, 1, randomINI) }

func TestYAMLAsAnsibleReadsIt(t *testing.T) { compareWithAnsible(t, 150, 2, randomYAML) }

var (
	someGroups = []string{"web", "db", "app", "east", "west", "prod", "all", "ungrouped", "z_9", "a-b"}
	someNames  = []string{"x", "port", "tier", "ntp", "ansible_host", "ansible_user", "ansible_port", "list", "flag"}
	someTexts  = []string{"1", "80", "'a b'", `"q"`, "true", "True", "[1,2]", "{'a':1}", "10.0.0.1", "text", "0x10", "1.5", "None", `a\ b`, "yes", "a=b"}
	someHosts  = []string{
		"h1", "h2", "h3", "h[1:3]", "w[01:03]", "w[1:5:2]", "n[a:c]", "r[1:2]n[1:2]", "h1:2222", "10.0.0.1", "10.0.0.[1:3]", "db.example.com",
		"[2001:db8::1]:22", "h_4", "a-1", "h[:2]", "h1.x[1:2].y:22",
	}
	wrongLines = []string{"h1 novalue", "[web", "[a b]", "[web:nothing]", `h1 x="open`, "[x:vars]", "h[1:", "[:children]", "nosuchgroup:", "h[01:3]"}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// randomINI writes an INI file, and perhaps files of variables beside it.
func randomINI(r *rand.Rand) map[string]string {
	var b strings.Builder
	state := "hosts"
	for range 3 + r.IntN(12) {
		switch n := r.IntN(10); {
		case n < 3:
			state = "hosts"
			suffix := ""
			if r.IntN(2) == 0 {
				state = pick(r, []string{"vars", "children", "hosts"})
				suffix = ":" + state
			}
			name := pick(r, someGroups[:8])
			if name == "ungrouped" && state == "children" { // Ansible puts grouped hosts into it then
				name = "all"
			}
			fmt.Fprintf(&b, "[%s%s]%s\n", name, suffix, pick(r, []string{"", "", " # c", "  "}))
		case r.IntN(60) == 0:
			b.WriteString(pick(r, wrongLines) + "\n")
		case r.IntN(12) == 0:
			b.WriteString(pick(r, []string{"", "# comment", "; comment", "   "}) + "\n")
		case state == "vars":
			fmt.Fprintf(&b, "%s%s%s%s\n", pick(r, someNames), pick(r, []string{"=", " = "}), pick(r, someTexts), pick(r, []string{"", "", " # c"}))
		case state == "children":
			b.WriteString(pick(r, someGroups[:6]) + "\n")
		default:
			b.WriteString(pick(r, someHosts))
			for range r.IntN(3) {
				fmt.Fprintf(&b, " %s=%s", pick(r, someNames), pick(r, someTexts))
			}
			b.WriteString(pick(r, []string{"", "", "", " # c", "#c"}) + "\n")
		}
	}
	if r.IntN(4) == 0 {
		fmt.Fprintf(&b, "[%s:vars]\nansible_group_priority=%d\n", pick(r, someGroups[:4]), r.IntN(20)+1)
	}
	for _, name := range someGroups[:6] { // so that most are declared
		if r.IntN(8) > 0 {
			fmt.Fprintf(&b, "[%s]\n", name)
		}
	}
	files := map[string]string{"hosts": b.String()}
	addVars(r, files)
	return files
}

// addVars writes group_vars and host_vars.
func addVars(r *rand.Rand, files map[string]string) {
	for range r.IntN(4) {
		path := "group_vars/" + pick(r, someGroups[:8])
		if r.IntN(3) == 0 {
			path = "host_vars/" + pick(r, []string{"h1", "h2", "w01", "10.0.0.1"})
		}
		path += pick(r, []string{"", ".yml", ".yaml", ".json", "/a.yml", "/b", "/.hidden.yml", "/sub/c.yml", ".txt"})
		dir, _, isDir := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, "group_vars/"), "host_vars/"), "/")
		clash := false
		for other := range files {
			name := strings.TrimPrefix(strings.TrimPrefix(other, "group_vars/"), "host_vars/")
			clash = clash || isDir && name == dir || !isDir && strings.HasPrefix(name, dir+"/")
		}
		if clash {
			continue
		}
		text := "---\n" + randomVars(r, "")
		if strings.HasSuffix(path, ".json") {
			text = fmt.Sprintf(`{"%s": %d, "x": [1, null, "a"]}`, pick(r, []string{"port", "tier"}), r.IntN(9))
		}
		if r.IntN(10) == 0 {
			text = ""
		}
		files[path] = text
	}
}

var yamlTexts = []string{
	"1", "80", "yes", "No", "on", "true", "010", "0x1f", "1:30", "1e5", "1.5", "~", "null", `"q"`, "'a b'", "[1, a]", "{k: v}", "2026-01-02x", "1_000", "text here",
	"0o17", ".5", "-3", "+4", "12e03", "!!str 5", "|\n        block", "10.0.0.1", "'yes'", "!unsafe x",
}

func randomVars(r *rand.Rand, indent string) string {
	var b strings.Builder
	names := slices.Clone(someNames)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:r.IntN(3)+1] {
		fmt.Fprintf(&b, "%s%s: %s\n", indent, name, pick(r, yamlTexts[:len(yamlTexts)-1]))
	}
	return b.String()
}

// randomYAML writes a YAML inventory.
func randomYAML(r *rand.Rand) map[string]string {
	var b strings.Builder
	names := slices.Clone(someGroups)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i, name := range names[:1+r.IntN(4)] {
		yamlGroup(r, &b, name, "", 2)
		if i == 0 && r.IntN(40) == 0 {
			b.WriteString(pick(r, []string{"plugin: foo\n", "\tx: 1\n"}))
		}
	}
	files := map[string]string{"hosts": b.String()}
	addVars(r, files)
	return files
}

func yamlGroup(r *rand.Rand, b *strings.Builder, name, indent string, depth int) {
	fmt.Fprintf(b, "%s%s:\n", indent, name)
	if r.IntN(8) == 0 {
		return
	}
	in := indent + "  "
	hosts := slices.Clone(someHosts)
	r.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	fmt.Fprintf(b, "%shosts:\n", in)
	for _, h := range hosts[:r.IntN(3)+1] {
		fmt.Fprintf(b, "%s  \"%s\":\n", in, h)
		if r.IntN(2) == 0 {
			b.WriteString(randomVars(r, in+"    "))
		}
	}
	if r.IntN(2) == 0 {
		fmt.Fprintf(b, "%svars:\n%s", in, randomVars(r, in+"  "))
		if r.IntN(4) == 0 {
			fmt.Fprintf(b, "%s  ansible_group_priority: %d\n", in, r.IntN(10)+1)
		}
	}
	if depth > 0 && r.IntN(2) == 0 && name != "ungrouped" {
		fmt.Fprintf(b, "%schildren:\n", in)
		for _, child := range []string{"east", "west", "prod"} {
			if child != name && r.IntN(3) == 0 {
				yamlGroup(r, b, child, in+"  ", depth-1)
			}
		}
	}
}
