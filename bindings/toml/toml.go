// Package toml is the Lua module toml (TOML 1.0).
package toml

import (
	"errors"
	"fmt"
	"time"

	"github.com/pelletier/go-toml/v2"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares toml.
func Module() *kit.Module {
	return &kit.Module{
		Name: "toml",
		Doc:  "Read and write TOML 1.0. Dates and times are strings, as they are written.",
		Funcs: []kit.Func{
			kit.Fn("decode", "Read a TOML document.", decode).With(
				`local v = toml.decode('[server]\nport = 8080\n')
assert(v.server.port == 8080)`),
			kit.Fn("encode", "Write a table as TOML.", encode).With(
				`assert(toml.encode{ name = "web1" } == "name = 'web1'\n")`),
		},
	}
}

type decodeArgs struct {
	Text string `lua:"text,arg1" doc:"TOML text."`
}

func decode(_ *kit.Call, a decodeArgs) (map[string]any, error) {
	value := map[string]any{}
	err := toml.Unmarshal([]byte(a.Text), &value)
	if at := (*toml.DecodeError)(nil); errors.As(err, &at) {
		line, column := at.Position()
		return nil, fault.New(fault.Parse, "not TOML at line %d, column %d: %s", line, column, at.Error())
	}
	if err != nil {
		return nil, fault.Wrap(fault.Parse, err, "not TOML")
	}
	return plain(value).(map[string]any), nil
}

// plain makes text of dates and times.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, item := range v {
			v[name] = plain(item)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return fmt.Sprint(v)
	}
	return value
}

type encodeArgs struct {
	Value map[string]any `lua:"value,arg1" doc:"The document."`
}

func encode(_ *kit.Call, a encodeArgs) (string, error) {
	value, err := kit.Data(a.Value)
	if err != nil {
		return "", err
	}
	out, err := toml.Marshal(value)
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "cannot be written as TOML")
	}
	return string(out), nil
}
