// Package csv is the Lua module csv (RFC 4180).
package csv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares csv.
func Module() *kit.Module {
	return &kit.Module{
		Name: "csv",
		Doc:  "Read and write comma-separated values (RFC 4180). Every value read is a string.",
		Funcs: []kit.Func{
			kit.Fn("decode", "Read a table: a list of rows, each a list; with header = true each a table by column name.", decode).With(
				`local rows = csv.decode("name,port\nweb1,80\n", { header = true })
assert(rows[1].name == "web1" and rows[1].port == "80")`),
			kit.Fn("encode", "Write rows. Rows with names need columns, or take all names sorted.", encode).With(
				`assert(csv.encode({ { "a", 1 }, { "b,c", true } }) == 'a,1\n"b,c",true\n')`,
				`assert(csv.encode({ { name = "web1", port = 80 } }, { columns = { "name", "port" } }) == "name,port\nweb1,80\n")`),
		},
	}
}

type decodeArgs struct {
	Text      string `lua:"text,arg1" doc:"CSV text; a byte order mark is skipped."`
	Separator string `lua:"separator" default:"," doc:"One character between values."`
	Header    bool   `lua:"header" default:"false" doc:"The first row names the columns."`
	Comment   string `lua:"comment" default:"" doc:"One character; lines that begin with it are skipped."`
	Ragged    bool   `lua:"ragged" default:"false" doc:"Rows may have different numbers of values."`
}

func decode(_ *kit.Call, a decodeArgs) (any, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Text, "\ufeff")))
	var err error
	if r.Comma, err = character("separator", a.Separator); err != nil {
		return nil, err
	}
	if a.Comment != "" {
		if r.Comment, err = character("comment", a.Comment); err != nil {
			return nil, err
		}
	}
	if a.Ragged {
		r.FieldsPerRecord = -1
	}
	rows, err := r.ReadAll()
	if at := (*csv.ParseError)(nil); errors.As(err, &at) {
		return nil, fault.New(fault.Parse, "not CSV at line %d, column %d: %v", at.Line, at.Column, at.Err)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Parse, err, "not CSV")
	}
	if rows == nil {
		rows = [][]string{}
	}
	if a.Header {
		return named(rows)
	}
	return rows, nil
}

func character(option, text string) (rune, error) {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 || size != len(text) || r == utf8.RuneError {
		return 0, fault.New(fault.Usage, "%s: want one character, got %q", option, text)
	}
	return r, nil
}

// named makes tables of rows by the names in the first.
func named(rows [][]string) (any, error) {
	out := []map[string]string{}
	if len(rows) == 0 {
		return out, nil
	}
	names := rows[0]
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return nil, fault.New(fault.Parse, "line 1: the column %q is there twice", name)
		}
		seen[name] = true
	}
	for _, row := range rows[1:] {
		item := map[string]string{}
		for i, value := range row[:min(len(row), len(names))] {
			item[names[i]] = value
		}
		out = append(out, item)
	}
	return out, nil
}

type encodeArgs struct {
	Rows      []any    `lua:"rows,arg1" doc:"List of lists, or list of tables."`
	Columns   []string `lua:"columns" default:"" doc:"Names and order of the columns; written as the first row."`
	Separator string   `lua:"separator" default:"," doc:"One character between values."`
	CRLF      bool     `lua:"crlf" default:"false" doc:"End lines with CR LF, as RFC 4180 has it."`
}

func encode(_ *kit.Call, a encodeArgs) (string, error) {
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.UseCRLF = a.CRLF
	var err error
	if w.Comma, err = character("separator", a.Separator); err != nil {
		return "", err
	}
	columns := a.Columns
	if len(columns) == 0 {
		columns = namesOf(a.Rows)
	}
	if len(columns) > 0 {
		if err := w.Write(columns); err != nil {
			return "", err
		}
	}
	for i, row := range a.Rows {
		record, err := record(row, columns)
		if err != nil {
			return "", fault.New(fault.Usage, "row %d: %v", i+1, err)
		}
		if err := w.Write(record); err != nil {
			return "", err
		}
	}
	w.Flush()
	return out.String(), w.Error()
}

// namesOf lists all names of rows that are tables.
func namesOf(rows []any) []string {
	seen := map[string]bool{}
	for _, row := range rows {
		if item, ok := row.(map[string]any); ok {
			for name := range item {
				seen[name] = true
			}
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func record(row any, columns []string) ([]string, error) {
	var values []any
	switch row := row.(type) {
	case []any:
		values = row
	case map[string]any:
		for _, name := range columns {
			values = append(values, row[name])
		}
	default:
		return nil, fmt.Errorf("want a table, got %T", row)
	}
	texts := make([]string, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case nil, kit.Null:
		case string:
			texts[i] = v
		case bool:
			texts[i] = strconv.FormatBool(v)
		case float64:
			texts[i] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return nil, fmt.Errorf("value %d is neither text nor a number", i+1)
		}
	}
	return texts, nil
}
