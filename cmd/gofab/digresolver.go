package main

import (
	"os"
	"strings"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/fault"
)

// resolver makes what asks.
func (d *dig) resolver(pool *dnsclient.Pool) (*dnsclient.Resolver, error) {
	hostname, _ := os.Hostname()
	system := dnsclient.ReadSystem("/etc/resolv.conf", d.app.world.Getenv, hostname)
	o := d.options
	o.Retries, o.TCP, o.DNSSEC, o.NoRD = d.tries-1, d.plus["tcp"], d.plus["dnssec"], !d.plus["recurse"]
	o.CheckOff, o.AD, o.Ignore, o.Stay = d.plus["cdflag"], d.plus["adflag"], d.plus["ignore"], true
	o.Search, o.Ndots = system.Search, system.Ndots
	if !d.plus["edns"] && !o.DNSSEC {
		o.EDNS = 0
	}
	texts := d.servers
	if len(texts) == 0 {
		texts = system.Servers
	}
	for _, text := range texts {
		server, err := dnsclient.ParseServer(text, d.port)
		if err != nil {
			return nil, err
		}
		o.Servers = append(o.Servers, server)
	}
	o.Timeout = o.Attempt * time.Duration(d.tries*len(o.Servers))
	if d.key != "" {
		parts := strings.Split(d.key, ":")
		if len(parts) == 2 {
			parts = append([]string{"hmac-sha256"}, parts...)
		}
		if len(parts) != 3 {
			return nil, fault.New(fault.Usage, "-y: want [ALGORITHM:]NAME:SECRET")
		}
		var err error
		if o.Key, err = dnsclient.NewKey(parts[1], parts[0], parts[2]); err != nil {
			return nil, err
		}
	}
	return dnsclient.NewResolver(pool, o)
}
