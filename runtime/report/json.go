package report

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gofab/runtime/event"
)

// JSON writes the report as one JSON document. Lists have a line for each
// element, so that the document can be looked at with grep, and is never in
// memory as a whole. Bytes that are not UTF-8 become U+FFFD.
func JSON(w io.Writer, r *Report) error {
	out := bufio.NewWriterSize(w, 64<<10)
	v := reflect.ValueOf(*r)
	before := "{"
	for i := range v.NumField() {
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fmt.Fprintf(out, "%s\n%q: ", before, key)
		if err := writeValue(out, v.Field(i)); err != nil {
			return err
		}
		before = ","
	}
	fmt.Fprint(out, "\n}\n")
	return out.Flush()
}

func writeValue(out *bufio.Writer, v reflect.Value) error {
	if v.Kind() != reflect.Slice {
		return writeJSON(out, v)
	}
	fmt.Fprint(out, "[")
	for i := range v.Len() {
		if i > 0 {
			fmt.Fprint(out, ",")
		}
		fmt.Fprint(out, "\n")
		if err := writeJSON(out, v.Index(i)); err != nil {
			return err
		}
	}
	fmt.Fprint(out, "]")
	return nil
}

func writeJSON(out *bufio.Writer, v reflect.Value) error {
	data, err := event.Marshal(v.Interface())
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return err
}
