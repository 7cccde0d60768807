package expect

import (
	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

type logArgs struct {
	Both string `lua:"both" default:"" doc:"File for both directions."`
	Read string `lua:"read" default:"" doc:"File for what the program shows."`
	Sent string `lua:"sent" default:"" doc:"File for what is sent."`
}

func log(c *kit.Call, p *engine.Process, a logArgs) (kit.None, error) {
	if a == (logArgs{}) {
		return kit.None{}, fault.New(fault.Usage, "log needs a file: both, read or sent")
	}
	return kit.None{}, p.Log(engine.Logs{Both: c.Path(a.Both), Read: c.Path(a.Read), Sent: c.Path(a.Sent)}, c.Secrets)
}
