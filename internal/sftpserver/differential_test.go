package sftpserver

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// TestAnswersLikeOpenSSH sends the same random requests to this server and to
// sftp-server(8) and compares the answers and what is left on disk.
func TestAnswersLikeOpenSSH(t *testing.T) {
	first := testenv.Seed(t)
	for round := range uint64(30) {
		seed := first + round
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { compare(t, seed, 150) })
	}
}

func compare(t *testing.T, seed uint64, requests int) {
	dirs := [2]string{filepath.Join(t.TempDir(), "home"), filepath.Join(t.TempDir(), "home")}
	for _, dir := range dirs {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	sides := [2]*side{{wire: dialOurs(t, dirs[0]), home: dirs[0]}, {wire: dialOriginal(t, dirs[1]), home: dirs[1]}}
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range requests {
		step := randomStep(random)
		ours, theirs := sides[0].do(step), sides[1].do(step)
		if ours != theirs {
			t.Fatalf("request %d, %v:\nours      %s\noriginal  %s", i, step, ours, theirs)
		}
	}
	if ours, theirs := tree(t, dirs[0]), tree(t, dirs[1]); ours != theirs {
		t.Errorf("ours\n%s\noriginal\n%s", ours, theirs)
	}
}

// step is one random request.
type step struct {
	op          string
	path, path2 string
	flags, mode uint32
	handle      int
	offset      uint64
	data        string
}

var (
	stepOps = []string{
		"open", "open", "open", "close", "read", "write", "write", "stat", "lstat", "fstat", "setstat", "fsetstat",
		"list", "remove", "mkdir", "rmdir", "realpath", "rename", "readlink", "symlink",
		"posix-rename@openssh.com", "hardlink@openssh.com", "fsync@openssh.com", "lsetstat@openssh.com", "nonsense@example.org",
	}
	stepPaths = []string{"a", "b", "c", "d", "d/a", "d/e", "d/e/f", "./a", "d/../b", "link", "link/a", "a/x", "", ".", strings.Repeat("n", 300)}
)

func randomStep(r *rand.Rand) step {
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	return step{
		op: pick(stepOps), path: pick(stepPaths), path2: pick(stepPaths),
		flags: uint32(r.IntN(64)), mode: uint32(r.IntN(0o1000)) | 0o700, // no set-id bits: who writes decides about them
		handle: r.IntN(6), offset: uint64(r.IntN(20)), data: strings.Repeat("x", 1+r.IntN(30)), // an empty write reaches no system call here
	}
}

// side is one of the two servers and the handles it gave.
type side struct {
	*wire
	home    string
	handles [][]byte
}

func (s *side) handle(n int) []byte {
	if n < len(s.handles) {
		return s.handles[n]
	}
	return str("none")
}

// do runs one step and describes the answer without what must differ: numbers
// of handles, times, wording, the home's place.
func (s *side) do(st step) string {
	mode := append(word(hasMode), word(st.mode)...)
	h := s.handle(st.handle)
	switch st.op {
	case "open":
		r := s.call(typeOpen, str(st.path), word(st.flags&^openAppend|st.flags>>1&openAppend), mode)
		if r.kind == typeHandle {
			s.handles = append([][]byte{r.body}, s.handles...)
		}
		return s.describe(r)
	case "close":
		if st.handle < len(s.handles) { // the original gives the number out again, ours does not
			s.handles = slices.Delete(s.handles, st.handle, st.handle+1)
		}
		return s.describe(s.call(typeClose, h))
	case "read":
		return s.describe(s.call(typeRead, h, long(st.offset), word(10)))
	case "write":
		return s.describe(s.call(typeWrite, h, long(st.offset), str(st.data)))
	case "fstat":
		return s.describe(s.call(typeFstat, h))
	case "fsetstat":
		return s.describe(s.call(typeFsetstat, h, mode))
	case "stat", "lstat", "remove", "rmdir", "realpath", "readlink":
		kinds := map[string]byte{"stat": typeStat, "lstat": typeLstat, "remove": typeRemove, "rmdir": typeRmdir, "realpath": typeRealpath, "readlink": typeReadlink}
		return s.describe(s.call(kinds[st.op], str(st.path)))
	case "setstat":
		times := append(word(hasSize|hasTimes), slices.Concat(long(st.offset), word(1e9), word(1e9))...)
		return s.describe(s.call(typeSetstat, str(st.path), times))
	case "mkdir":
		return s.describe(s.call(typeMkdir, str(st.path), mode))
	case "rename", "symlink":
		kinds := map[string]byte{"rename": typeRename, "symlink": typeSymlink}
		return s.describe(s.call(kinds[st.op], str(st.path), str(st.path2)))
	case "list":
		return s.list(st.path)
	case "fsync@openssh.com":
		return s.describe(s.call(typeExtended, str(st.op), h))
	case "lsetstat@openssh.com":
		return s.describe(s.call(typeExtended, str(st.op), str(st.path), word(hasTimes), word(1e9), word(1e9)))
	default:
		return s.describe(s.call(typeExtended, str(st.op), str(st.path), str(st.path2)))
	}
}

func (s *side) describe(r reply) string {
	switch r.kind {
	case typeStatus:
		return fmt.Sprint("status ", r.code())
	case typeHandle:
		return "a handle"
	case typeAttrs:
		a := (&request{body: r.body}).attrs()
		if a.mode&0o170000 == 0o040000 {
			a.size = 0
		}
		return fmt.Sprintf("attrs %x size %d mode %o owner %d:%d", a.flags, a.size, a.mode, a.uid, a.gid)
	case typeName:
		name := (&request{body: r.body[4:]}).string()
		return "name " + strings.ReplaceAll(name, filepath.Dir(s.home), "TOP")
	default:
		return fmt.Sprintf("%d %q", r.kind, r.body)
	}
}

// list reads a whole folder and gives its names in order.
func (s *side) list(path string) string {
	r := s.call(typeOpendir, str(path))
	if r.kind != typeHandle {
		return s.describe(r)
	}
	var names []string
	for {
		chunk := s.call(typeReaddir, r.body)
		if chunk.kind != typeName {
			names = append(names, s.describe(chunk))
			break
		}
		body := &request{body: chunk.body[4:]}
		for range binary.BigEndian.Uint32(chunk.body) {
			if name := body.string(); name != "." && name != ".." {
				names = append(names, name)
			}
			body.bytes()
			body.attrs()
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ") + " " + s.describe(s.call(typeClose, r.body))
}
