package expect

import (
	"fmt"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
)

// pattern is one pattern as a script gives it.
type pattern struct{ engine.Pattern }

// LuaType names what FromLua takes.
func (p *pattern) LuaType() string { return "string|pattern" }

// FromLua takes a regular expression or a pattern object.
func (p *pattern) FromLua(value any) (err error) {
	switch value := value.(type) {
	case string:
		p.Pattern, err = engine.Regexp(value)
		return err
	case engine.Pattern:
		p.Pattern = value
		return nil
	default:
		return fmt.Errorf("want a pattern: a regular expression, expect.literal(text), expect.EOF or expect.TIMEOUT")
	}
}

// patterns is one pattern or a list of them.
type patterns []engine.Pattern

// LuaType names what FromLua takes.
func (p *patterns) LuaType() string { return "string|pattern|(string|pattern)[]" }

// FromLua takes a pattern or a list.
func (p *patterns) FromLua(value any) error {
	list, ok := value.([]any)
	if !ok {
		if options, isMap := value.(map[string]any); isMap && len(options) > 0 {
			return fmt.Errorf("want a pattern or a list of them; options come behind: expect({ ... }, { timeout = 5 })")
		} else if isMap {
			return nil
		}
		list = []any{value}
	}
	for i, item := range list {
		var one pattern
		if err := one.FromLua(item); err != nil {
			return fmt.Errorf("pattern %d: %w", i+1, err)
		}
		*p = append(*p, one.Pattern)
	}
	return nil
}

type literalArgs struct {
	Text string `lua:"text,arg1" doc:"The text; any bytes."`
}

func literal(_ *kit.Call, a literalArgs) (engine.Pattern, error) { return engine.Literal(a.Text), nil }

// matchTable is a match as Lua sees it: groups by number and by name beside
// before and match.
func matchTable(m *engine.Match) map[any]any {
	t := map[any]any{"index": m.Index + 1, "before": m.Before, "dropped": m.Dropped, "pattern": m.Pattern.String()}
	switch m.Pattern {
	case engine.EOF:
		t["kind"] = "eof"
	case engine.Timeout:
		t["kind"] = "timeout"
	default:
		t["kind"], t["match"] = "match", m.Text
	}
	for i := 1; i < len(m.Groups); i++ {
		if !m.Took[i] {
			continue
		}
		t[i] = m.Groups[i]
		if name := m.Names[i]; name != "" {
			t[name] = m.Groups[i]
		}
	}
	return t
}
