package luastr_test

import (
	"testing"

	"github.com/yuin/gopher-lua/pm"

	"gofab/internal/luastr"
)

const (
	logLine    = `203.0.113.9 - - [10/Oct/2026:13:55:36 +0000] "GET /api/v1/items?page=2 HTTP/1.1" 200 2326 "-" "curl/8.5.0"`
	logPattern = `^(%S+) %S+ %S+ %[([^%]]+)%] "(%u+) ([^ "]+)[^"]*" (%d+) (%d+)`
)

func BenchmarkLogLineOurs(b *testing.B) {
	m, cache := &luastr.Matcher{}, &luastr.Cache{}
	b.ReportAllocs()
	for b.Loop() {
		if start, _, err := m.Match(logLine, cache.Get(logPattern), 0); start != 0 || err != nil {
			b.Fatal(start, err)
		}
	}
}

func BenchmarkLogLineGopherLua(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if found, err := pm.Find(logPattern, []byte(logLine), 0, 1); len(found) != 1 || err != nil {
			b.Fatal(err)
		}
	}
}
