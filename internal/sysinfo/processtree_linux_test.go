package sysinfo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	names    = []string{"nginx", "a b", "a)", "(sd-pam)", ") R 1 (", "new\nline", "exactly15chars_", "a-program-of-15", "\xff\xfe", "x) S 1 1 1 1"}
	cmdlines = []string{"", "nginx\x00-g\x00daemon off;\x00", "nginx: worker process", "a b c \x00", "a-program-of-15-and-more\x00x\x00",
		"/usr/bin/exactly15chars_long\x00", "\x00\x00", "one\x00", "with blank\x00", "no end", "trailing blank ", strings.Repeat("x", 70000) + "\x00y\x00"}
	environs = []string{"", "A=1\x00B=two words\x00C=\x00", "A=1\x00\x00B=2\x00", "=x\x00A=b=c\x00", "junk\x00A=1\x00", "A=\nB\x00"}
)

// process writes the files of one process.
func (g *generator) process(pid int) {
	dir := fmt.Sprint(pid) + "/"
	name := names[g.r.IntN(len(names))]
	// state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime priority nice threads 0 start ...
	g.write(dir+"stat", fmt.Sprintf("%d (%s) %c %d 1 1 0 -1 64 %s %s 20 0 %d 0 %d %s 17 %d 0 0 %d 0 0\n", pid, name, "RSDTtZXxKWIP"[g.r.IntN(12)],
		g.r.IntN(1<<22), g.numbers(4), g.numbers(4), 1+g.r.IntN(99), g.r.Uint64N(1<<40), g.numbers(15), g.r.IntN(64), g.r.Uint64N(1<<30)))
	g.write(dir+"status", fmt.Sprintf("Name:\tx\nState:\tS\nUid:\t%d\t%d\t%d\t4\nGid:\t%d\t%d\t%d\t4\nThreads:\t%d\nvoluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n",
		g.r.IntN(1<<31), g.r.IntN(9), g.r.IntN(9), g.r.IntN(1<<31), g.r.IntN(9), g.r.IntN(9), 1+g.r.IntN(99), g.number(), g.number()))
	g.write(dir+"statm", g.numbers(7)+"\n")
	g.write(dir+"cmdline", cmdlines[g.r.IntN(len(cmdlines))])
	g.write(dir+"environ", environs[g.r.IntN(len(environs))])
	g.write(dir+"smaps", g.smaps(1+g.r.IntN(6)))
	g.write(dir+"smaps_rollup", g.smaps(1))
	g.write(dir+"io", fmt.Sprintf("rchar: %d\nwchar: %d\nsyscr: %d\nsyscw: %d\nread_bytes: %d\nwrite_bytes: %d\ncancelled_write_bytes: 0\n",
		g.number(), g.number(), g.number(), g.number(), g.number(), g.number()))
}

var mapped = []string{"", "[heap]", "[stack]", "/usr/lib/libc.so.6", "/srv/a b/lib  x.so", "/gone (deleted)", "[vdso]"}

func (g *generator) smaps(pieces int) string {
	var b strings.Builder
	for range pieces {
		fmt.Fprintf(&b, "7f00-7f01 r-xp %08x 08:01 %d    %s\n", g.r.IntN(1<<20), g.r.IntN(1<<20), mapped[g.r.IntN(len(mapped))])
		for _, name := range []string{"Size", "KernelPageSize", "Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
			"Referenced", "Anonymous", "Private_Hugetlb", "Swap", "SwapPss", "Locked"} {
			fmt.Fprintf(&b, "%-16s %8d kB\n", name+":", g.r.IntN(1<<24))
		}
		b.WriteString("VmFlags: rd ex mr mw me\n")
	}
	return b.String()
}

// What the files of a process mean is what psutil takes them for.
func TestProcessFilesAgainstPsutil(t *testing.T) {
	t.Parallel()
	original, g := psutil(t), newGenerator(t)
	s := At(g.dir, t.TempDir())
	g.machine()
	for n := range 1000 {
		pid := 1 + g.r.IntN(4_000_000)
		g.process(pid)
		var want record
		original.Ask(record{"call": "process", "proc": g.dir, "pid": pid, "methods": []string{"name", "status", "ppid", "create_time", "cmdline",
			"environ", "uids", "gids", "num_ctx_switches", "cpu_times", "cpu_num", "memory_info", "memory_percent", "io_counters",
			"memory_full_info", "memory_maps"}}, &want)
		p, err := s.Process(pid)
		if err != nil {
			t.Fatalf("process %d: %v", n, err)
		}
		i, err := p.Info(context.Background(), Fields())
		if err != nil {
			t.Fatalf("process %d: %v", n, err)
		}
		c := comparison{t, fmt.Sprintf("process %d", n)}
		compareProcess(c, i, want)
		compareMaps(c, must(p.MemoryMaps(true)), want)
		if err := os.RemoveAll(filepath.Join(g.dir, fmt.Sprint(pid))); err != nil || t.Failed() {
			t.Fatal(err, "the process is wrong above")
		}
	}
}

// same compares texts; psutil's come with a replacement for each byte that is
// no UTF-8.
func (c comparison) same(what string, got, want any) {
	c.t.Helper()
	g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want)
	if g != w {
		c.t.Errorf("%s: %s: got %.200s, want %.200s", c.name, what, g, w)
	}
}

func compareProcess(c comparison, i *Info, want record) {
	c.t.Helper()
	c.same("name", string([]rune(*i.Name)), want["name"])
	c.same("status", *i.Status, want["status"])
	c.same("cmdline", *i.Cmdline, want["cmdline"])
	c.same("environ", *i.Environ, stringMap(want["environ"]))
	c.equal("ppid", float64(*i.PPID), want.number("ppid"))
	c.equal("create_time", *i.Created, want.number("create_time"))
	c.equal("cpu_num", float64(*i.CPU), want.number("cpu_num"))
	c.equal("memory_percent", *i.MemPercent, want.number("memory_percent"))
	for _, part := range []struct {
		method string
		fields map[string]float64
	}{
		{"uids", map[string]float64{"real": float64(i.UIDs.Real), "effective": float64(i.UIDs.Effective), "saved": float64(i.UIDs.Saved)}},
		{"gids", map[string]float64{"real": float64(i.GIDs.Real), "effective": float64(i.GIDs.Effective), "saved": float64(i.GIDs.Saved)}},
		{"num_ctx_switches", map[string]float64{"voluntary": float64(*i.Voluntary), "involuntary": float64(*i.Involuntary)}},
		{"cpu_times", map[string]float64{"user": *i.CPUUser, "system": *i.CPUSystem, "children_user": *i.ChildUser, "children_system": *i.ChildSystem, "iowait": *i.IOWait}},
		{"memory_info", map[string]float64{"rss": float64(*i.RSS), "vms": float64(*i.VMS), "shared": float64(*i.Shared), "text": float64(*i.Text), "data": float64(*i.Data)}},
		{"memory_full_info", map[string]float64{"uss": float64(*i.USS), "pss": float64(*i.PSS), "swap": float64(*i.SwapUsed)}},
		{"io_counters", map[string]float64{"read_count": float64(*i.ReadCount), "write_count": float64(*i.WriteCount), "read_bytes": float64(*i.ReadBytes),
			"write_bytes": float64(*i.WriteBytes), "read_chars": float64(*i.ReadChars), "write_chars": float64(*i.WriteChars)}},
	} {
		original, _ := want[part.method].(map[string]any)
		for name, got := range part.fields {
			c.equal(part.method+" "+name, got, record(original).number(name))
		}
	}
}

func compareMaps(c comparison, maps []Map, want record) {
	var got []string
	for _, m := range maps {
		got = append(got, fmt.Sprint(m.Path, m.RSS, m.Size, m.PSS, m.SharedClean, m.SharedDirty, m.PrivateClean, m.PrivateDirty, m.Referenced, m.Anonymous, m.Swap))
	}
	wanted := rows(want["memory_maps"], "path", "rss", "size", "pss", "shared_clean", "shared_dirty", "private_clean", "private_dirty", "referenced", "anonymous", "swap")
	slices.Sort(got)
	slices.Sort(wanted)
	c.same("maps", got, wanted)
}

func stringMap(value any) map[string]string {
	m := map[string]string{}
	given, _ := value.(map[string]any)
	for k, v := range given {
		m[k], _ = v.(string)
	}
	return m
}
