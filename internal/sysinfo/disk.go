package sysinfo

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Partition is a mounted file system.
type Partition struct {
	Device     string   `lua:"device" doc:"What is mounted."`
	MountPoint string   `lua:"mount" doc:"Where it is mounted."`
	Type       string   `lua:"fstype" doc:"Kind of file system."`
	Options    []string `lua:"options" doc:"Options of the mount."`
}

// Partitions lists what is mounted: disks only, or all.
func (s *System) Partitions(all bool) ([]Partition, error) {
	data, err := s.need("/proc/self/mounts")
	if err != nil {
		return nil, err
	}
	kinds := s.diskTypes()
	var list []Partition
	for line := range lines(data) {
		words := strings.Fields(line)
		if len(words) < 4 {
			continue
		}
		p := Partition{unescape(words[0]), unescape(words[1]), words[2], strings.Split(words[3], ",")}
		if p.Device == "none" {
			p.Device = ""
		}
		if all || p.Device != "" && kinds[p.Type] {
			list = append(list, p)
		}
	}
	return list, nil
}

// diskTypes are the file systems that need a device, and zfs, which only says
// that it does not.
func (s *System) diskTypes() map[string]bool {
	data, _ := s.files.read("/proc/filesystems")
	kinds := map[string]bool{}
	for line := range lines(data) {
		if name, nodev := strings.CutPrefix(line, "nodev"); !nodev || strings.TrimSpace(name) == "zfs" {
			kinds[strings.TrimSpace(name)] = true
		}
	}
	return kinds
}

var escapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`, `\043`, "#")

// unescape undoes how the kernel writes blanks in a table of mounts.
func unescape(word string) string { return escapes.Replace(word) }

// Usage is the room of a file system, in bytes.
type Usage struct {
	Total         uint64   `lua:"total" doc:"All of it."`
	Used          uint64   `lua:"used" doc:"In use."`
	Free          uint64   `lua:"free" doc:"What a normal user can still write."`
	Percent       float64  `lua:"percent" doc:"Used of what normal users can use, 0 to 100, as df tells it."`
	Inodes        *uint64  `lua:"inodes" doc:"How many files there can be; missing where there is no such limit."`
	InodesUsed    *uint64  `lua:"inodes_used" doc:"How many files there are."`
	InodesFree    *uint64  `lua:"inodes_free" doc:"How many more there can be."`
	InodesPercent *float64 `lua:"inodes_percent" doc:"Used inodes of all, 0 to 100."`
}

// inodes fills in the numbers of files, unless there is no limit.
func (u *Usage) inodes(total, free uint64) {
	if total == 0 {
		return
	}
	used := total - min(free, total)
	u.Inodes, u.InodesFree, u.InodesUsed = &total, &free, &used
	u.InodesPercent = ptr(percent(float64(used), float64(total)))
}

// Usage tells how full the file system is that holds path. On a host it knows
// mount points only.
func (s *System) Usage(path string) (u Usage, err error) {
	if s.host == "" {
		return statfs(path)
	}
	row, err := s.df("!df", path)
	if err != nil {
		return u, err
	}
	u = Usage{Total: row[0] * 1024, Used: row[1] * 1024, Free: row[2] * 1024}
	u.Percent = percent(float64(u.Used), float64(u.Used+u.Free))
	if row, err = s.df("!dfi", path); err == nil {
		u.inodes(row[0], row[2])
	}
	return u, nil
}

// df finds the row of a mount point: total, used, free.
func (s *System) df(table, path string) (row [3]uint64, err error) {
	data, _ := s.files.read(table)
	for line := range lines(data) {
		head, mount, found := strings.Cut(line, "% ")
		if !found { // a file system without inodes has a dash instead
			head, mount, found = strings.Cut(line, " - ")
		}
		words := strings.Fields(head)
		if !found || strings.TrimSpace(mount) != path || len(words) < 5 {
			continue
		}
		words = words[len(words)-4:]
		for i := range row {
			row[i] = unsigned(words[i])
		}
		return row, nil
	}
	e := fault.New(fault.NotFound, "%s is no mount point", path).WithHint("sys.partitions lists them")
	e.Host = s.host
	return row, e
}

// DiskIO are counters of a disk since boot.
type DiskIO struct {
	Reads       uint64  `lua:"read_count" doc:"Finished reads."`
	Writes      uint64  `lua:"write_count" doc:"Finished writes."`
	ReadBytes   uint64  `lua:"read_bytes" doc:"Bytes read."`
	WriteBytes  uint64  `lua:"write_bytes" doc:"Bytes written."`
	ReadTime    float64 `lua:"read_time" doc:"Seconds that reads took together."`
	WriteTime   float64 `lua:"write_time" doc:"Seconds that writes took together."`
	ReadMerged  uint64  `lua:"read_merged_count" doc:"Reads that were joined with others."`
	WriteMerged uint64  `lua:"write_merged_count" doc:"Writes that were joined with others."`
	BusyTime    float64 `lua:"busy_time" doc:"Seconds in which the disk did something."`
}

// DiskIO gives the counters of each disk and partition, and the sum over whole
// disks: partitions are part of them.
func (s *System) DiskIO() (total DiskIO, each map[string]DiskIO, err error) {
	data, err := s.need("/proc/diskstats")
	if err != nil {
		return total, nil, err
	}
	each = map[string]DiskIO{}
	whole, _ := s.files.list("/sys/block")
	for line := range lines(data) {
		words := strings.Fields(line)
		if len(words) != 14 && len(words) < 18 {
			continue
		}
		var n [11]uint64
		for i := range n {
			n[i] = unsigned(words[3+i])
		}
		d := DiskIO{
			Reads: n[0], ReadMerged: n[1], ReadBytes: n[2] * 512, ReadTime: milli(n[3]),
			Writes: n[4], WriteMerged: n[5], WriteBytes: n[6] * 512, WriteTime: milli(n[7]), BusyTime: milli(n[9]),
		}
		each[words[2]] = d
		if slices.Contains(whole, strings.ReplaceAll(words[2], "/", "!")) {
			total.add(d)
		}
	}
	return total, each, nil
}

func milli(n uint64) float64 { return float64(n) / 1000 }

func (d *DiskIO) add(other DiskIO) {
	d.Reads, d.Writes = d.Reads+other.Reads, d.Writes+other.Writes
	d.ReadBytes, d.WriteBytes = d.ReadBytes+other.ReadBytes, d.WriteBytes+other.WriteBytes
	d.ReadMerged, d.WriteMerged = d.ReadMerged+other.ReadMerged, d.WriteMerged+other.WriteMerged
	d.ReadTime, d.WriteTime = thousandth(d.ReadTime+other.ReadTime), thousandth(d.WriteTime+other.WriteTime)
	d.BusyTime = thousandth(d.BusyTime + other.BusyTime)
}

// thousandth keeps a sum of milliseconds free of what floating point adds.
func thousandth(x float64) float64 {
	if math.Abs(x) > 1e12 {
		return x
	}
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', 3, 64), 64)
	return y
}
