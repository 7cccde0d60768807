package transfer

import (
	"context"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// maxAccounts bounds /etc/passwd and /etc/group.
const maxAccounts = 8 << 20

// owner finds the numbers of a user and a group on a side; -1 for "". SFTP
// knows numbers alone (draft-ietf-secsh-filexfer-02, section 5), so names are
// looked up in the side's own files.
func owner(ctx context.Context, side FS, user, group string) (uid, gid int, err error) {
	if uid, err = account(ctx, side, "/etc/passwd", "user", user); err != nil {
		return -1, -1, err
	}
	gid, err = account(ctx, side, "/etc/group", "group", group)
	return uid, gid, err
}

func account(ctx context.Context, side FS, file, what, name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	if n, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(n), nil
	}
	data, err := Read(ctx, side, file, maxAccounts)
	if err != nil {
		return -1, because(ctx, err, "cannot find the %s %s in %s", what, name, file)
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(line, ":") // name:password:number:... (passwd(5), group(5))
		if len(fields) < 3 || fields[0] != name {
			continue
		}
		if n, err := strconv.ParseUint(strings.TrimSpace(fields[2]), 10, 31); err == nil {
			return int(n), nil
		}
	}
	return -1, fault.New(fault.NotFound, "no %s %s in %s", what, name, file).
		WithHint("give its number when it comes from a directory service")
}
