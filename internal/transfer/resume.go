package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"gofab/internal/fault"
)

// A copy that may be resumed has a temporary file whose name follows from its
// source, so that the next run finds it, and only one of the same content.
// Sweep removes it like any other when nobody comes back.

// partName is that name: of the size and time of the source, too.
func (d *draft) partName() string {
	key := fmt.Sprintf("%s\n%s\n%d\n%d", d.path, d.target, d.info.Size, d.info.Modified.UnixNano())
	sum := sha256.Sum256([]byte(key))
	random := tempName(d.target)
	mark := strings.LastIndex(random, tempMark) + len(tempMark)
	return random[:mark] + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:16])
}

// pickUp goes on with what a former run left, or begins so that the next run
// can.
func (d *draft) pickUp(ctx context.Context) (found bool, err error) {
	reopener, ok := d.to.(Reopener)
	if !ok {
		return false, nil
	}
	d.temp = d.partName()
	info, err := d.to.Lstat(ctx, d.temp)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err == nil && d.isOurs(ctx, info) {
		d.file, err = reopener.Reopen(ctx, d.temp)
	}
	if err != nil {
		return false, err
	}
	if d.file == nil { // somebody else's: leave it alone
		d.temp = tempName(d.target)
		return false, nil
	}
	return true, d.compareBlocks(ctx, info.Size)
}

// isOurs tells a private plain file of this user, not one that somebody put
// there to be filled by us.
func (d *draft) isOurs(ctx context.Context, info Info) bool {
	if !info.Mode.IsRegular() || info.Mode.Perm() != 0o600 || info.Size > d.info.Size {
		return false
	}
	home, err := d.to.Home(ctx)
	if err != nil {
		return false
	}
	owner, err := d.sides[1].Stat(ctx, home)
	return err == nil && owner.UID == info.UID
}

// compareBlocks finds which blocks are good. They were written in any order, so
// there may be holes, most of them near the end.
func (d *draft) compareBlocks(ctx context.Context, size int64) error {
	written, err := openSource(ctx, d.to, d.temp)
	if err != nil {
		return err
	}
	defer closeQuietly(ctx, d.to, written.file)
	block := int64(d.window.block)
	d.there = make([]bool, size/block)
	window := 2 * int64(cap(d.window.slots))
	for _, blocks := range []int64{int64(len(d.there)), int64(len(d.there)) - window} {
		if blocks > 0 && d.sumsAgree(ctx, written.file, blocks*block) {
			for i := range blocks {
				d.there[i] = true
			}
			d.done.Store(blocks * block)
			return nil
		}
	}
	return d.window.blocks(ctx, int64(len(d.there))*block, func(ctx context.Context, buf []byte, off int64) error {
		other := make([]byte, len(buf))
		err := readFull(ctx, d.source.file, buf, off)
		if err == nil {
			err = readFull(ctx, written.file, other, off)
		}
		if err == nil && bytes.Equal(buf, other) {
			d.there[off/block] = true
			d.done.Add(block)
		}
		return err
	})
}

// sumsAgree asks the host for the sum of the first n bytes, which costs one
// round trip instead of moving them. With a hole in them it does not agree.
func (d *draft) sumsAgree(ctx context.Context, written File, n int64) bool {
	if d.PrefixSum == nil {
		return false
	}
	there, here := d.temp, d.source.file
	if !d.putting {
		there, here = d.source.path, written
	}
	theirs, err := d.PrefixSum(ctx, there, n)
	if err != nil {
		return false
	}
	ours, err := sumOf(ctx, here, n)
	return err == nil && ours == theirs
}

// keeps tells whether a failed copy leaves its temporary file for the next run:
// not when its content turned out to be wrong.
func (d *draft) keeps(err error) bool {
	kind := fault.KindOf(err)
	lost := kind == fault.Cancelled || kind == fault.Timeout || kind == fault.Lost
	return d.Resume && lost && d.temp == d.partName()
}
