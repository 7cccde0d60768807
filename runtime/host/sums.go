package host

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"

	"gofab/internal/fault"
)

// sumScript computes sums of the files named on standard input.
const sumScript = `if command -v sha256sum >/dev/null 2>&1; then xargs -0 sha256sum; else xargs -0 shasum -a 256; fi`

// sums has the host compute SHA-256 sums, in one round trip. Its answer counts
// only when it has a line for every file.
func (h *Handle) sums(ctx context.Context, top string, files []string) (map[string]string, error) {
	var names bytes.Buffer
	most := int64(64 << 10)
	for _, f := range files {
		if !strings.HasPrefix(f, "/") {
			f = "./" + f
		}
		names.WriteString(f)
		names.WriteByte(0)
		most += int64(len(f))*2 + 80 // the name may come back escaped
	}
	line := sumScript
	if top != "" {
		line = "cd " + remotePath(top) + " && { " + sumScript + "; }"
	}
	out, err := h.atHome().Output(ctx, line, &names, most)
	if err != nil {
		return nil, err
	}
	return readSums(out, files)
}

// readSums reads what sha256sum prints, in the order of the files; a "\" before
// a sum tells that the name after it is escaped.
func readSums(out []byte, files []string) (map[string]string, error) {
	sums := make(map[string]string, len(files))
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		sum, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), `\`), " ")
		if n >= len(files) || len(sum) != 64 {
			return nil, fault.New(fault.Protocol, "sha256sum printed what makes no sense")
		}
		sums[files[n]] = sum
		n++
	}
	if n != len(files) {
		return nil, fault.New(fault.Protocol, "sha256sum printed %d lines for %d files", n, len(files))
	}
	return sums, nil
}

// prefixSum has the host compute the sum of the first n bytes of a file.
func (h *Handle) prefixSum(ctx context.Context, file string, n int64) (string, error) {
	const line = `head -c %d -- %s | if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi`
	out, err := h.atHome().Output(ctx, fmt.Sprintf(line, n, remotePath(file)), nil, 4096)
	if err != nil {
		return "", err
	}
	sums, err := readSums(out, []string{file})
	return sums[file], err
}

// atHome is the handle with no more of its scope than the user, for scripts of
// our own and paths that have the working directory already.
func (h *Handle) atHome() *Handle {
	scope := h.scope
	scope.Cwd, scope.Prefix, scope.Env, scope.Shell = "", nil, nil, ""
	return &Handle{Host: h.Host, services: h.services, scope: scope}
}
