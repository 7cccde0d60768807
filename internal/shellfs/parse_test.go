package shellfs

import (
	"strings"
	"testing"
)

// FuzzParse: what stat on the other side answers is a description that keeps
// the name as it is, or an error.
func FuzzParse(f *testing.F) {
	f.Add("81a4 12 1700000000 1700000000 0 0 name of it")
	f.Add("41ed -1 x")
	f.Fuzz(func(t *testing.T, line string) {
		info, err := parse(line)
		if err == nil && (strings.Count(line, " ") < 6 || strings.SplitN(line, " ", 7)[6] != info.Name) {
			t.Errorf("%q: %+v", line, info)
		}
	})
}
