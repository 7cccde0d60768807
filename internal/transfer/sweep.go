package transfer

import (
	"context"
	"regexp"
	"time"
)

var tempPattern = regexp.MustCompile(`^\..+\.gofab-[a-z2-7]{16}$`)

// isTemp tells a name that tempName made.
func isTemp(name string) bool { return tempPattern.MatchString(name) }

// Sweep removes the temporary files and links that killed runs left in a
// folder, not below it, and that have not changed for age by the clock of this
// machine. It gives the paths that it removed.
func Sweep(ctx context.Context, side FS, dir string, age time.Duration) ([]string, error) {
	dir, err := expand(ctx, side, dir)
	if err != nil {
		return nil, err
	}
	infos, err := side.ReadDir(ctx, dir, defaultEntries)
	if err != nil {
		return nil, because(ctx, err, "cannot sweep %s", dir)
	}
	var removed []string
	before := time.Now().Add(-age)
	for _, info := range infos {
		ours := isTemp(info.Name) && (info.Mode.IsRegular() || info.IsLink())
		if !ours || info.Modified.After(before) {
			continue
		}
		at := beside(dir, info.Name)
		if err := side.Remove(ctx, at); err != nil {
			return removed, because(ctx, err, "cannot remove %s", at)
		}
		removed = append(removed, at)
	}
	return removed, nil
}
