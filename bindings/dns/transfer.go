package dns

import (
	"context"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/dnsclient"
)

type transferArgs struct {
	Zone string `lua:"zone,arg1" doc:"Name of the zone."`
	settings
}

// begin starts a transfer; since is -1 for all of the zone.
func (a *transferArgs) begin(c *kit.Call, since int64) (*dnsclient.Transfer, error) {
	engine, err := a.server(c, a.Zone)
	if err != nil {
		return nil, err
	}
	return engine.Transfer(c.Context, a.Zone, since)
}

// server makes a resolver for the server that has the zone: the one that is
// given, else the first of the zone's SOA.
func (s *settings) server(c *kit.Call, zone string) (*dnsclient.Resolver, error) {
	engine, err := s.open(c)
	if err != nil || s.Server != "" || len(s.Servers) > 0 {
		return engine, err
	}
	return engine.Primary(c.Context, zone, s.Port)
}

func transfer(c *kit.Call, a transferArgs) (kit.Iter, error) {
	t, err := a.begin(c, -1)
	if err != nil {
		return nil, err
	}
	return func(c *kit.Call) (any, bool, error) {
		r, ok, err := t.Next(c.Context)
		if !ok || err != nil {
			return nil, false, err
		}
		return rowOf(r), true, nil
	}, nil
}

func fetchZone(c *kit.Call, a transferArgs) (*zone, error) {
	t, err := a.begin(c, -1)
	if err != nil {
		return nil, err
	}
	records, err := all(c.Context, t)
	if err != nil {
		return nil, err
	}
	return newZone(dnsclient.NewZone(a.Zone, records))
}

func all(ctx context.Context, t *dnsclient.Transfer) (records []dnsclient.Record, err error) {
	for {
		r, ok, err := t.Next(ctx)
		if !ok || err != nil {
			return records, err
		}
		records = append(records, r)
	}
}

type changesArgs struct {
	transferArgs
	Serial uint32 `lua:"serial,arg2" doc:"Serial that is known; what has changed since then is told."`
}

type change struct {
	Whole   bool  `lua:"whole" doc:"The server gave the whole zone; added has all of it."`
	From    int64 `lua:"from" doc:"Serial before this step."`
	To      int64 `lua:"to" doc:"Serial after it."`
	Removed []row `lua:"removed" doc:"Records that are no more."`
	Added   []row `lua:"added" doc:"Records that are new."`
}

func changes(c *kit.Call, a changesArgs) ([]change, error) {
	t, err := a.begin(c, int64(a.Serial))
	if err != nil {
		return nil, err
	}
	steps, err := t.Changes(c.Context)
	out := make([]change, len(steps))
	for i, s := range steps {
		out[i] = change{s.Whole, s.From, s.To, rowsOf(s.Removed), rowsOf(s.Added)}
	}
	return out, err
}

type updateArgs struct {
	Zone    string        `lua:"zone,arg1" doc:"Name of the zone."`
	Add     []string      `lua:"add" default:"" doc:"Records to add, as in a zone file: \"www 300 A 192.0.2.1\"."`
	Replace []string      `lua:"replace" default:"" doc:"Records that take the place of those of the same name and type."`
	Delete  []string      `lua:"delete" default:"" doc:"What to remove: \"www\", \"www A\" or \"www A 192.0.2.1\"."`
	Present []string      `lua:"require" default:"" doc:"What must be there, or nothing is changed: \"www\", \"www A\" or a record."`
	Absent  []string      `lua:"absent" default:"" doc:"What must not be there, or nothing is changed: \"www\" or \"www A\"."`
	TTL     time.Duration `lua:"ttl" default:"1h" doc:"Of records without one."`
	settings
}

func update(c *kit.Call, a updateArgs) (kit.None, error) {
	engine, err := a.server(c, a.Zone)
	if err != nil {
		return kit.None{}, err
	}
	return kit.None{}, engine.Update(c.Context, dnsclient.Update{
		Zone: a.Zone, TTL: ttl(a.TTL), Add: a.Add, Replace: a.Replace, Delete: a.Delete, Require: a.Present, Absent: a.Absent,
	})
}

type notifyArgs struct {
	Zone string `lua:"zone,arg1" doc:"Name of the zone."`
	settings
}

func notify(c *kit.Call, a notifyArgs) (kit.None, error) {
	engine, err := a.server(c, a.Zone)
	if err != nil {
		return kit.None{}, err
	}
	return kit.None{}, engine.Notify(c.Context, a.Zone)
}
