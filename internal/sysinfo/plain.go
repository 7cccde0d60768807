package sysinfo

import (
	"reflect"
	"time"
)

// Plain makes maps and lists of an answer, with the names that scripts see, fit
// to be written as JSON. What is missing is left out.
func Plain(value any) any { return plain(reflect.ValueOf(value)) }

func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = plain(v.MapIndex(k))
		}
		return m
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return float64(t.UnixMicro()) / 1e6
		}
		return plainStruct(v)
	default:
		return v.Interface()
	}
}

func plainStruct(v reflect.Value) map[string]any {
	m := map[string]any{}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name := f.Tag.Get("lua")
		if name == "" {
			continue
		}
		if item := plain(v.FieldByIndex(f.Index)); item != nil {
			m[name] = item
		}
	}
	return m
}
