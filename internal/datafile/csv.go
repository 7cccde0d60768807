package datafile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// readCSV makes a list of maps by the names in the first row. Empty values are
// left out; lines that begin with # are comments. All values are text.
func readCSV(name string, text []byte) (*Node, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment, r.TrimLeadingSpace = '#', true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return &Node{Kind: List, Line: 1}, nil
	}
	if err != nil {
		return nil, csvProblem(name, err)
	}
	line, _ := r.FieldPos(0)
	seen := map[string]bool{}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
		if header[i] == "" || seen[header[i]] {
			return nil, bad(name, line, "column %d has no name of its own in the first row", i+1)
		}
		seen[header[i]] = true
	}
	out := &Node{Kind: List, Line: line}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, csvProblem(name, err)
		}
		out.Items = append(out.Items, csvRow(r, header, row))
	}
}

func csvRow(r *csv.Reader, header, row []string) *Node {
	line, _ := r.FieldPos(0)
	n := &Node{Kind: Map, Line: line}
	for i, value := range row {
		if value = strings.TrimSpace(value); value != "" {
			at, _ := r.FieldPos(i)
			n.Fields = append(n.Fields, Field{header[i], at, &Node{Line: at, Value: value}})
		}
	}
	return n
}

func csvProblem(name string, err error) error {
	if at := (*csv.ParseError)(nil); errors.As(err, &at) {
		text := at.Err.Error()
		if errors.Is(at.Err, csv.ErrFieldCount) {
			text = "another number of values than the first row has"
		}
		return bad(name, at.Line, "not CSV: %s", text)
	}
	return bad(name, 1, "not CSV: %v", err)
}
