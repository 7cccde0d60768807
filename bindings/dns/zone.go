package dns

import (
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/dnsclient"
	"gofab/internal/fault"
	"gofab/internal/machine"
)

// zone is the object of dns.zone. Changes put another zone in place, so that
// readers on other threads see one or the other.
type zone struct {
	mu  sync.Mutex
	now *dnsclient.Zone
}

func newZone(z *dnsclient.Zone, err error) (*zone, error) {
	if err != nil {
		return nil, err
	}
	return &zone{now: z}, nil
}

func (z *zone) get() *dnsclient.Zone {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.now
}

func (z *zone) set(change func(*dnsclient.Zone) (*dnsclient.Zone, error)) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	changed, err := change(z.now)
	if err == nil {
		z.now = changed
	}
	return err
}

func (z *zone) serial() *int64 {
	if serial, ok := z.get().Serial(); ok {
		return &serial
	}
	return nil
}

type zoneArgs struct {
	Text   string          `lua:"text" default:"" doc:"The zone, as the text of a zone file."`
	File   string          `lua:"file" default:"" doc:"A zone file; $INCLUDE is followed here, not on a host."`
	On     machine.Machine `lua:"on" default:"" doc:"Host that the file is on; this machine when absent."`
	Origin string          `lua:"origin" default:"" doc:"Name of the zone; needed where the file does not say it."`
	TTL    time.Duration   `lua:"ttl" default:"1h" doc:"Of records without one, before $TTL."`
}

const maxZone = 256 << 20

func readZone(c *kit.Call, a zoneArgs) (*zone, error) {
	source := dnsclient.ZoneSource{Text: a.Text, Origin: a.Origin, TTL: ttl(a.TTL)}
	switch {
	case (a.Text == "") == (a.File == ""):
		return nil, fault.New(fault.Usage, "give text or file")
	case a.File != "" && a.On != nil:
		text, err := a.On.ReadFile(c.Context, a.File, maxZone)
		if err != nil {
			return nil, err
		}
		source.Text = string(text)
	case a.File != "":
		text, err := dnsclient.ReadFile(c.Path(a.File))
		if err != nil {
			return nil, err
		}
		source.Text, source.File = text, c.Path(a.File)
	}
	return newZone(dnsclient.ParseZone(source))
}

type recordArgs struct {
	Line   string        `lua:"line,arg1" doc:"The record, as a line of a zone file."`
	Origin string        `lua:"origin" default:"." doc:"What names without a dot at the end are below."`
	TTL    time.Duration `lua:"ttl" default:"1h" doc:"TTL when the line has none."`
}

func record(_ *kit.Call, a recordArgs) (row, error) {
	r, err := dnsclient.ParseRecord(a.Line, a.Origin, ttl(a.TTL))
	if err != nil {
		return nil, err
	}
	return rowOf(r), nil
}

type recordsArgs struct {
	Name string `lua:"name" default:"" doc:"Only of this name, relative to the zone; \"@\" is the zone itself."`
	Type string `lua:"type" default:"" doc:"Only of this type."`
}

func zoneRecords(_ *kit.Call, z *zone, a recordsArgs) ([]row, error) {
	now, code := z.get(), uint16(0)
	if a.Type != "" {
		var err error
		if code, err = dnsclient.Type(a.Type); err != nil {
			return nil, err
		}
	}
	if a.Name != "" {
		return rowsOf(now.At(a.Name, code)), nil
	}
	rows := []row{}
	for _, r := range now.Records {
		if code == 0 || r.Type == code {
			rows = append(rows, rowOf(r))
		}
	}
	return rows, nil
}

func zoneText(_ *kit.Call, z *zone, _ struct{}) (string, error) { return z.get().Text(), nil }

type finding struct {
	Level string `lua:"level" doc:"error or warning."`
	Name  string `lua:"name" doc:"Owner of the record."`
	Type  string `lua:"type" doc:"Type of the record."`
	Text  string `lua:"text" doc:"What is wrong."`
}

func zoneCheck(_ *kit.Call, z *zone, _ struct{}) ([]finding, error) {
	out := []finding{}
	for _, f := range z.get().Check() {
		out = append(out, finding(f))
	}
	return out, nil
}

type diffArgs struct {
	Other *zone `lua:"other,arg1" doc:"Zone to compare with."`
}

type difference struct {
	Same    bool  `lua:"same" doc:"There is no difference."`
	Removed []row `lua:"removed" doc:"Records that only this zone has."`
	Added   []row `lua:"added" doc:"Records that only the other has."`
}

func zoneDiff(_ *kit.Call, z *zone, a diffArgs) (difference, error) {
	if a.Other == nil {
		return difference{}, fault.New(fault.Usage, "compared with what?").WithHint("z:diff(other)")
	}
	removed, added := z.get().Diff(a.Other.get())
	return difference{len(removed)+len(added) == 0, rowsOf(removed), rowsOf(added)}, nil
}

type lineArgs struct {
	Line string `lua:"line,arg1" doc:"The record, as a line of a zone file."`
}

func zoneAdd(_ *kit.Call, z *zone, a lineArgs) (kit.None, error) {
	return kit.None{}, z.set(func(now *dnsclient.Zone) (*dnsclient.Zone, error) {
		r, err := now.Parse(a.Line)
		if err != nil {
			return nil, err
		}
		return now.With(nil, []dnsclient.Record{r})
	})
}

type removeArgs struct {
	Name string `lua:"name,arg1" doc:"Name, relative to the zone."`
	Type string `lua:"type,arg2" default:"" doc:"Only records of this type."`
}

func zoneRemove(_ *kit.Call, z *zone, a removeArgs) (count int, err error) {
	code := uint16(0)
	if a.Type != "" {
		if code, err = dnsclient.Type(a.Type); err != nil {
			return 0, err
		}
	}
	err = z.set(func(now *dnsclient.Zone) (*dnsclient.Zone, error) {
		gone := now.At(a.Name, code)
		count = len(gone)
		return now.With(gone, nil)
	})
	return count, err
}

func zoneBump(c *kit.Call, z *zone, _ struct{}) (int64, error) {
	day := c.World.Now().UTC()
	err := z.set(func(now *dnsclient.Zone) (*dnsclient.Zone, error) {
		return now.Bump(int64(day.Year()*10000 + int(day.Month())*100 + day.Day()))
	})
	if err != nil {
		return 0, err
	}
	serial, _ := z.get().Serial()
	return serial, nil
}

type writeArgs struct {
	Path string `lua:"path,arg1" doc:"File to write."`
}

func zoneWrite(c *kit.Call, z *zone, a writeArgs) (kit.None, error) {
	return kit.None{}, atomicfile.Write(c.Path(a.Path), []byte(z.get().Text()), 0o644)
}

// ttl gives seconds, of which a record can hold 31 bits.
func ttl(d time.Duration) uint32 { return uint32(min(d/time.Second, 1<<31-1)) }
