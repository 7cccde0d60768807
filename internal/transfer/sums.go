package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// sumOf is the SHA-256 of the first size bytes of a file, in hexadecimal.
func sumOf(ctx context.Context, f File, size int64) (string, error) {
	hash := sha256.New()
	buf := make([]byte, min(size, 256<<10))
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
