// Package time is the Lua module time: clock, waiting, dates as text.
package time

import (
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares time.
func Module() *kit.Module {
	return &kit.Module{
		Name: "time",
		Doc:  "Clock, waiting and dates. A time is Unix seconds; a duration is seconds or \"30s\", \"5m\", \"1h30m\", \"2d\".",
		Funcs: []kit.Func{
			kit.Fn("now", "Give the time.", now).With(`assert(time.now() > 1e9)`),
			kit.Fn("sleep", "Wait. Other hosts go on; Ctrl-C ends it at once.", sleep).With(`time.sleep("10ms")`),
			kit.Fn("format", "Write a time as text, with the conversions of strftime(3).", format).With(
				`assert(time.format(0, { layout = "%Y-%m-%d %H:%M:%S", zone = "UTC" }) == "1970-01-01 00:00:00")`),
			kit.Fn("parse", "Read a time from text.", parse).With(
				`assert(time.parse("2026-01-02T03:04:05Z") == 1767323045)`,
				`assert(time.parse("02.01.1970", { layout = "%d.%m.%Y", zone = "UTC" }) == 86400)`),
			kit.Fn("duration", "Give the seconds of a duration.", duration).With(
				`assert(time.duration("1h30m") == 5400)`),
		},
	}
}

func now(c *kit.Call, _ struct{}) (time.Time, error) { return c.World.Now(), nil }

type sleepArgs struct {
	Duration time.Duration `lua:"duration,arg1" doc:"How long."`
}

func sleep(c *kit.Call, a sleepArgs) (kit.None, error) {
	timer := time.NewTimer(a.Duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return kit.None{}, nil
	case <-c.Context.Done():
		return kit.None{}, c.Context.Err()
	}
}

func duration(_ *kit.Call, a sleepArgs) (time.Duration, error) { return a.Duration, nil }

// conversions are those of strftime(3) that Go's layouts can say.
var conversions = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
	'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'j': "002", 'Z': "MST", 'z': "Z07:00",
	'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'n': "\n", 't': "\t", 'f': "000000", '%': "%",
}

// layoutOf turns strftime conversions into a list of Go layouts and literal
// text, in turn; text that looks like a Go layout stays text.
func layoutOf(format string) (parts []string, err error) {
	var literal strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			literal.WriteByte(format[i])
			continue
		}
		i++
		if i == len(format) {
			return nil, fault.New(fault.Usage, "layout %q ends with %%", format)
		}
		layout, ok := conversions[format[i]]
		if !ok {
			return nil, fault.New(fault.Usage, "layout %q: unknown conversion %%%c", format, format[i])
		}
		if strings.IndexByte("nt%", format[i]) >= 0 {
			literal.WriteString(layout)
			continue
		}
		parts = append(parts, literal.String(), layout)
		literal.Reset()
	}
	return append(parts, literal.String()), nil
}

func zoneOf(name string) (*time.Location, error) {
	switch name {
	case "", "local":
		return time.Local, nil
	default:
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, fault.New(fault.Usage, "zone: no time zone %q", name).WithHint(`"local", "UTC" or a name such as "Europe/Berlin"`)
		}
		return zone, nil
	}
}

type formatArgs struct {
	Time   *time.Time `lua:"time,arg1" doc:"Unix seconds; now when absent."`
	Layout string     `lua:"layout,arg2" default:"%Y-%m-%dT%H:%M:%S%z" doc:"Conversions of strftime(3), and %f for microseconds."`
	Zone   string     `lua:"zone" default:"local" doc:"\"local\", \"UTC\" or a name such as \"Europe/Berlin\"."`
}

func format(c *kit.Call, a formatArgs) (string, error) {
	zone, err := zoneOf(a.Zone)
	if err != nil {
		return "", err
	}
	t := c.World.Now()
	if a.Time != nil {
		t = *a.Time
	}
	parts, err := layoutOf(a.Layout)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, part := range parts {
		switch {
		case i%2 == 0:
			out.WriteString(part)
		case part == "000000":
			out.WriteString(t.In(zone).Format(".000000")[1:])
		default:
			out.WriteString(t.In(zone).Format(part))
		}
	}
	return out.String(), nil
}

type parseArgs struct {
	Text   string `lua:"text,arg1" doc:"The time as text."`
	Layout string `lua:"layout,arg2" default:"%Y-%m-%dT%H:%M:%S%z" doc:"How it is written, with conversions of strftime(3)."`
	Zone   string `lua:"zone" default:"local" doc:"Time zone, when the text does not say."`
}

func parse(_ *kit.Call, a parseArgs) (time.Time, error) {
	zone, err := zoneOf(a.Zone)
	if err != nil {
		return time.Time{}, err
	}
	parts, err := layoutOf(a.Layout)
	if err != nil {
		return time.Time{}, err
	}
	layout := strings.Join(parts, "")
	t, err := time.ParseInLocation(layout, a.Text, zone)
	if err != nil {
		return time.Time{}, fault.New(fault.Parse, "%q does not look like %s", a.Text, a.Layout)
	}
	return t, nil
}
