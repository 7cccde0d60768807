package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"reflect"

	"gofab/internal/fault"
)

// kinds holds one of each kind of event, by name.
var kinds = byName(
	RunStart{}, RunEnd{}, TaskStart{}, TaskEnd{}, HostState{}, Connected{}, Batch{}, GroupStart{}, GroupResult{}, CommandStart{},
	Output{}, CommandEnd{}, Transfer{}, Print{}, Log{}, Warning{}, Problem{},
)

// Kinds gives the structs of all events by their names.
func Kinds() map[string]reflect.Type { return maps.Clone(kinds) }

func byName(events ...Event) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, e := range events {
		all[e.Name()] = reflect.TypeOf(e)
	}
	return all
}

// Decode reads what MarshalEntry wrote: one line of the jsonl format. Keys that
// it does not know are left out, so that an older gofab reads what a newer one
// wrote; an event of an unknown name is an error of the kind unsupported.
func Decode(line []byte) (Entry, error) {
	var h head
	if err := json.Unmarshal(line, &h); err != nil {
		return Entry{}, fault.Wrap(fault.Parse, err, "this is not an event")
	}
	kind, known := kinds[h.Event]
	switch {
	case h.Event == "":
		return Entry{}, fault.New(fault.Parse, `this is not an event: it has no key "event"`)
	case !known:
		return Entry{}, fault.New(fault.Unsupported, "there is no event %q", h.Event).WithHint("a newer gofab may have written it")
	}
	e, err := decodeKind(line, kind)
	if err != nil {
		return Entry{}, fault.Wrap(fault.Parse, err, "event %d, %s", h.Seq, h.Event)
	}
	return Entry{Seq: h.Seq, Time: h.Time, Event: e}, nil
}

func decodeKind(line []byte, kind reflect.Type) (Event, error) {
	value := reflect.New(kind)
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber() // whole numbers in the fields of a log stay whole
	if err := decoder.Decode(value.Interface()); err != nil {
		return nil, err
	}
	var odd rawTexts
	if err := json.Unmarshal(line, &odd); err != nil {
		return nil, err
	}
	e := value.Elem().Interface().(Event)
	if l, ok := e.(Log); ok && l.Fields != nil {
		l.Fields = numbers(l.Fields).(map[string]any)
		e = l
	}
	var failed error
	e = e.each(func(key, text string) string {
		raw, isOdd := odd.Raw[key]
		if !isOdd {
			return text
		}
		data, err := base64.StdEncoding.DecodeString(raw)
		if err != nil {
			failed = err
		}
		return string(data)
	})
	return e, failed
}

// numbers gives numbers the types that scripts give them.
func numbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f + 0 // there is no minus zero in JSON that means anything
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = numbers(v[name])
		}
	}
	return value
}
