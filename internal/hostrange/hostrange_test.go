package hostrange

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

func TestExpand(t *testing.T) {
	for text, want := range map[string]string{
		"web":                  "web",
		"web[1-3]":             "web1 web2 web3",
		"web[08-11]":           "web08 web09 web10 web11",
		"web[01-03,7,20]":      "web01 web02 web03 web7 web20",
		"web[1-9/4].example":   "web1.example web5.example web9.example",
		"web[1-2/9]":           "web1",
		"r[1-2]n[01-02]":       "r1n01 r1n02 r2n01 r2n02",
		"rack[a-c]":            "racka rackb rackc",
		"[1-2]x":               "1x 2x",
		"10.0.0.[9-11]":        "10.0.0.9 10.0.0.10 10.0.0.11",
		"db1,web[1-2], mail":   "db1 web1 web2 mail",
		"[2001:db8::1]:22":     "[2001:db8::1]:22",
		"[2001:db8::1]:[1-2]":  "[2001:db8::1]:1 [2001:db8::1]:2",
		"2001:db8::[1-2]":      "2001:db8::1 2001:db8::2",
		"n[098-101]":           "n098 n099 n100 n101",
		"n[0-1]":               "n0 n1",
		"w[000-001]":           "w000 w001",
		"n[99999999999999998]": "n99999999999999998",
	} {
		got, err := Expand(text)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("Expand(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestExpandRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "empty host name",
		"a,,b":                                  "empty host name",
		"web[1-3":                               "brackets don't match",
		"web1-3]":                               "brackets don't match",
		"web[[1-3]]":                            "brackets don't match",
		"web[]":                                 "is no range",
		"web[3-1]":                              "is no range",
		"web[1-a]":                              "is no range",
		"web[a-Z]":                              "is no range",
		"web[1-3/0]":                            "is no range",
		"web[1/2]":                              "is no range",
		"web[01-3]":                             "is no range",
		"web[1-03]":                             "is no range",
		"web[01:20]":                            "is no range",
		"web[-1]":                               "is no range",
		"web[1-1000000]":                        "more than 100000",
		"a[0-999]b[0-999]":                      "more than 100000",
		strings.Repeat("[0-99]", 100):           "more than 100000",
		"a[1-60000],b[1-60000]":                 "more than 100000",
		"n[0-999999999999999999]":               "more than 100000",
		"n[9999999999999999999-9]":              "is no range",
		strings.Repeat("x", 300) + "[1-90000]":  "longer than 255",
		strings.Repeat("x", 240) + "[1-2][1-2]": "",
	} {
		_, err := Expand(text)
		if want == "" && err == nil {
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("Expand(%.40q): %v; want %q", text, err, want)
		}
	}
}

func TestFold(t *testing.T) {
	for names, want := range map[string]string{
		"":                               "",
		"web1":                           "web1",
		"web2 web1 web1":                 "web[1-2]",
		"web10 web9 db1 web8":            "db1,web[8-10]",
		"web01 web02 web03 web30":        "web[01-03,30]",
		"web08 web09 web10 web11 web100": "web[08-11,100]",
		"web1 web01":                     "web[1,01]",
		"a b c":                          "a,b,c",
		"r1n1 r1n2 r2n1 r2n2":            "r[1-2]n[1-2]",
		"r1n1 r1n2 r2n1":                 "r1n[1-2],r2n1",
		"10.0.0.1 10.0.0.2 10.0.1.1":     "10.0.0.[1-2],10.0.1.1",
		"[::1]:22 [::1]:23":              "[::1]:22,[::1]:23",
		"i-1234567890123456789012 i-1":   "i-1,i-1234567890123456789012",
		"web1.example.com web2.example.com web3.example.com db.example.com": "db.example.com,web[1-3].example.com",
	} {
		if got := Fold(strings.Fields(names)); got != want {
			t.Errorf("Fold(%q) = %q, want %q", names, got, want)
		}
	}
}

// TestRoundTrip: what Fold writes, Expand reads, over generated sets of names.
func TestRoundTrip(t *testing.T) {
	seed := testenv.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 3000 {
		checkRoundTrip(t, generate(random))
	}
}

func generate(random *rand.Rand) []string {
	formats := []string{"web%d", "web%02d", "n%03d.example", "r%[2]dn%02[1]d", "10.0.%[2]d.%[1]d", "%d", "x%d-%[2]d-%02[1]d", "host"}
	var names []string
	for range random.IntN(60) {
		format := formats[random.IntN(len(formats))]
		name := fmt.Sprintf(format, random.IntN(120), random.IntN(4))
		name, _, _ = strings.Cut(name, "%!") // the complaint about unused arguments
		names = append(names, name)
	}
	return names
}

func checkRoundTrip(t *testing.T, names []string) {
	t.Helper()
	if len(names) == 0 {
		return
	}
	text := Fold(names)
	got, err := Expand(text)
	if err != nil {
		t.Fatalf("Expand(Fold(%q)) = Expand(%q): %v", names, text, err)
	}
	want := slices.Compact(slices.Sorted(slices.Values(names)))
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Fatalf("Expand(Fold(%q)) = Expand(%q) = %q", names, text, got)
	}
}

func TestCompare(t *testing.T) {
	names := []string{"web10", "web2", "web1", "db", "web02", "web"}
	slices.SortFunc(names, Compare)
	if got := strings.Join(names, " "); got != "db web web1 web2 web02 web10" {
		t.Error(got)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("web01 web02 10.0.0.1 a00b0 a0b00")
	f.Fuzz(func(t *testing.T, text string) {
		var names []string
		for _, name := range strings.Fields(text) {
			if name = strings.Trim(name, "\x00"); len(name) <= MaxName && !strings.ContainsAny(name, "[],") && name != "" {
				names = append(names, name)
			}
		}
		if len(names) < 1000 {
			checkRoundTrip(t, names)
		}
	})
}

func FuzzExpand(f *testing.F) {
	for _, text := range []string{"web[01-20,30]", "a[1-9/2]b[a-c],x", "[::1]:22", "[0-9][0-9][0-9][0-9][0-9][0-9]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, err := Expand(text)
		if err == nil && (len(names) == 0 || len(names) > MaxNames) {
			t.Fatalf("%d names", len(names))
		}
	})
}

func BenchmarkFold10000(b *testing.B) {
	names := make([]string, 10000)
	for i := range names {
		names[i] = fmt.Sprintf("web%05d.dc%d.example", i*7919%10000, i%3)
	}
	for b.Loop() {
		Fold(names)
	}
}
