package sysinfo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

// Signal sends a signal. A descriptor of the process is taken first and its
// identity is checked then, so that the signal cannot reach another process
// that has got its pid meanwhile.
func (p *Process) Signal(sig syscall.Signal) error {
	if !p.s.live {
		return p.s.unsupported("a signal")
	}
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) { // before Linux 5.3, and in some sandboxes
		if err := p.acting("a signal"); err != nil {
			return err
		}
		if err := unix.Kill(p.PID, sig); err != nil {
			return p.failed(err, "signal")
		}
		return nil
	}
	if err != nil {
		return p.failed(err, "signal")
	}
	defer closeFD(fd)
	if err := p.acting("a signal"); err != nil {
		return err
	}
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil {
		return p.failed(err, "signal")
	}
	return nil
}

// gone waits until the process has ended, as a zombie too; false when ctx was
// first.
func (p *Process) gone(ctx context.Context) bool {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if err == nil {
		defer closeFD(fd)
	}
	for {
		st, failed := p.now()
		if failed != nil || st.words[0][0] == 'Z' || st.words[0][0] == 'X' {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if err != nil { // no descriptor: look again now and then
			if Sleep(ctx, 20*time.Millisecond) != nil {
				return false
			}
			continue
		}
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 50)
	}
}

// SetNice sets the priority, from -20 to 19.
func (p *Process) SetNice(n int) error {
	if n < -20 || n > 19 {
		return fault.New(fault.Usage, "a nice value is from -20 to 19, not %d", n)
	}
	if err := p.acting("nice"); err != nil {
		return err
	}
	if err := unix.Setpriority(unix.PRIO_PROCESS, p.PID, n); err != nil {
		return p.failed(err, "set the priority of")
	}
	return nil
}

// IOClasses are the classes of priority for disks, by their number.
var IOClasses = []string{"none", "realtime", "best-effort", "idle"}

const ioWhoProcess = 1

// IONice gives the class and level of its priority for disks.
func (p *Process) IONice() (class string, level int, err error) {
	if err := p.acting("ionice"); err != nil {
		return "", 0, err
	}
	n, _, code := unix.Syscall(unix.SYS_IOPRIO_GET, ioWhoProcess, uintptr(p.PID), 0)
	if code != 0 {
		return "", 0, p.failed(code, "see the disk priority of")
	}
	if n >= uintptr(len(IOClasses))<<13 {
		return "", 0, fault.New(fault.Unsupported, "process %d has the unknown disk priority %d", p.PID, n)
	}
	return IOClasses[n>>13], int(n & 7), nil
}

// SetIONice sets the class and the level, from 0, the highest, to 7.
func (p *Process) SetIONice(class string, level int) error {
	at := slices.Index(IOClasses, class)
	switch {
	case at < 0:
		return fault.New(fault.Usage, "there is no class %q of disk priorities", class).WithHint("none, realtime, best-effort or idle")
	case level < 0 || level > 7:
		return fault.New(fault.Usage, "a level is from 0 to 7, not %d", level)
	case level != 0 && (at == 0 || at == 3):
		return fault.New(fault.Usage, "class %s has no levels", class)
	}
	if err := p.acting("ionice"); err != nil {
		return err
	}
	if _, _, code := unix.Syscall(unix.SYS_IOPRIO_SET, ioWhoProcess, uintptr(p.PID), uintptr(at<<13|level)); code != 0 {
		return p.failed(code, "set the disk priority of")
	}
	return nil
}

// cpuMask has room for 8192 processors, which is what the kernel has.
type cpuMask [128]uint64

// Affinity lists the processors it may run on, from 0.
func (p *Process) Affinity() ([]int, error) {
	if err := p.acting("affinity"); err != nil {
		return nil, err
	}
	var mask cpuMask
	_, _, code := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, uintptr(p.PID), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if code != 0 {
		return nil, p.failed(code, "see the processors of")
	}
	var list []int
	for n := range len(mask) * 64 {
		if mask[n/64]&(1<<(n%64)) != 0 {
			list = append(list, n)
		}
	}
	return list, nil
}

// SetAffinity says on which processors it may run; an empty list is all.
func (p *Process) SetAffinity(list []int) error {
	if err := p.acting("affinity"); err != nil {
		return err
	}
	var mask cpuMask
	for _, n := range list {
		if n < 0 || n >= len(mask)*64 {
			return fault.New(fault.Usage, "there is no processor %d", n)
		}
		mask[n/64] |= 1 << (n % 64)
	}
	if len(list) == 0 {
		for i := range mask {
			mask[i] = ^uint64(0)
		}
	}
	_, _, code := unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, uintptr(p.PID), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if code == unix.EINVAL {
		return fault.New(fault.Usage, "none of the processors %s is there", fmt.Sprint(list))
	}
	if code != 0 {
		return p.failed(code, "set the processors of")
	}
	return nil
}

// Limits are the names of resource limits.
var Limits = map[string]int{
	"as": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU, "data": unix.RLIMIT_DATA, "fsize": unix.RLIMIT_FSIZE,
	"locks": unix.RLIMIT_LOCKS, "memlock": unix.RLIMIT_MEMLOCK, "msgqueue": unix.RLIMIT_MSGQUEUE, "nice": unix.RLIMIT_NICE,
	"nofile": unix.RLIMIT_NOFILE, "nproc": unix.RLIMIT_NPROC, "rss": unix.RLIMIT_RSS, "rtprio": unix.RLIMIT_RTPRIO,
	"rttime": unix.RLIMIT_RTTIME, "sigpending": unix.RLIMIT_SIGPENDING, "stack": unix.RLIMIT_STACK,
}

// Unlimited stands for no limit.
const Unlimited = ^uint64(0)

// Limit gives the soft and the hard limit of a resource.
func (p *Process) Limit(name string) (soft, hard uint64, err error) {
	var now unix.Rlimit
	err = p.prlimit(name, nil, &now)
	return now.Cur, now.Max, err
}

// SetLimit sets both limits.
func (p *Process) SetLimit(name string, soft, hard uint64) error {
	if soft > hard {
		return fault.New(fault.Usage, "the soft limit of %s is above the hard one", name)
	}
	return p.prlimit(name, &unix.Rlimit{Cur: soft, Max: hard}, nil)
}

func (p *Process) prlimit(name string, to, from *unix.Rlimit) error {
	which, known := Limits[name]
	if !known {
		return fault.New(fault.Usage, "there is no limit %q", name).WithHint("nofile, nproc, core, stack, ... as in getrlimit(2)")
	}
	if err := p.acting("rlimit"); err != nil {
		return err
	}
	if err := unix.Prlimit(p.PID, which, to, from); err != nil {
		return p.failed(err, "reach the limits of")
	}
	return nil
}
