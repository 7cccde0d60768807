package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"gofab/internal/fault"
)

// copied is a file that was written: where from, where to. Content has its sum
// already.
type copied struct {
	from, to string
	sum      string
}

// remember notes a file for the check at the end.
func (j *job) remember(src source, target string) {
	if j.Checksum != "sha256" {
		return
	}
	c := copied{from: src.path, to: j.show(target)}
	if m, ok := src.file.(*memory); ok {
		sum := sha256.Sum256(m.data)
		c.sum = hex.EncodeToString(sum[:])
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.copies = append(j.copies, c)
}

// checked compares the sums of all copied files on both ends, unless the copy
// failed.
func (j *job) checked(ctx context.Context, err error) error {
	if err != nil || len(j.copies) == 0 {
		return err
	}
	j.window = windowFor(j.sides[0].Limits(), j.sides[1].Limits())
	host := make([]string, len(j.copies))
	for i, c := range j.copies {
		host[i] = c.to
		if !j.putting {
			host[i] = c.from
		}
	}
	sums := map[string]string{}
	if j.HostSums != nil {
		if found, sumErr := j.HostSums(ctx, "", host); sumErr == nil {
			sums = found
		}
	}
	return each(ctx, len(j.copies), j.window.files, func(ctx context.Context, i int) error {
		return j.checkOne(ctx, j.copies[i], sums[host[i]])
	})
}

func (j *job) checkOne(ctx context.Context, c copied, hostSum string) (err error) {
	from, to := c.sum, ""
	if j.putting {
		to = hostSum
	} else {
		from = hostSum
	}
	if from == "" {
		from, err = j.sumAt(ctx, j.sides[0], c.from)
	}
	if err == nil && to == "" {
		to, err = j.sumAt(ctx, j.sides[1], c.to)
	}
	switch {
	case err != nil:
		return because(ctx, err, "cannot compare %s", c.to)
	case !strings.EqualFold(from, to):
		return fault.New(fault.Protocol, "%s differs from its source: SHA-256 %s, not %s", c.to, to, from)
	}
	return nil
}

// sumAt is the sum of the file at a path.
func (j *job) sumAt(ctx context.Context, side FS, path string) (string, error) {
	src, err := openSource(ctx, side, path)
	if err != nil {
		return "", err
	}
	defer closeQuietly(ctx, side, src.file)
	return sumOf(ctx, src.file, src.info.Size)
}

// sumOf is the SHA-256 of the first size bytes of a file, in hexadecimal.
func sumOf(ctx context.Context, f File, size int64) (string, error) {
	hash := sha256.New()
	buf := make([]byte, min(size, 2<<20))
	for off := int64(0); off < size; {
		part := buf[:min(int64(len(buf)), size-off)]
		if err := readFull(ctx, f, part, off); err != nil {
			return "", err
		}
		_, _ = hash.Write(part)
		off += int64(len(part))
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
