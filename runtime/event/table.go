package event

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// EventNames lists the names of all events.
func EventNames() []string { return slices.Sorted(maps.Keys(kinds)) }

// Table gives an event as plain data: the keys of the jsonl format, times as
// Unix seconds. Texts are as they came, byte by byte.
func Table(e Entry) map[string]any {
	table := fieldsOf(reflect.ValueOf(e.Event))
	table["event"], table["seq"], table["time"] = e.Event.Name(), e.Seq, e.Time
	return table
}

func fieldsOf(v reflect.Value) map[string]any {
	table := map[string]any{}
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" || strings.Contains(options, "omitempty") && v.Field(i).IsZero() {
			continue
		}
		table[name] = plainValue(v.Field(i))
	}
	return table
}

func plainValue(v reflect.Value) any {
	if seconds, ok := v.Interface().(Seconds); ok {
		return float64(seconds) / 1e9
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plainValue(v.Elem())
	case reflect.Struct:
		return fieldsOf(v)
	case reflect.String:
		return v.String()
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainValue(v.Index(i))
		}
		return list
	case reflect.Map:
		table := map[string]any{}
		for _, key := range v.MapKeys() {
			table[key.String()] = plainValue(v.MapIndex(key))
		}
		return table
	default:
		return v.Interface()
	}
}
