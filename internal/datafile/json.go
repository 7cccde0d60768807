package datafile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxDepth bounds how deep a text may nest.
const maxDepth = 1000

type jsonReader struct {
	name    string
	text    []byte
	decoder *json.Decoder
	line    int // at offset at
	at      int64
	depth   int
}

func readJSON(name string, text []byte) (*Node, error) {
	r := &jsonReader{name: name, text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.decoder.UseNumber()
	n, err := r.node()
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, bad(name, r.here(), "not JSON: something follows the value")
	}
	return n, nil
}

// here is the line of the token that was read last.
func (r *jsonReader) here() int { return r.lineAt(r.decoder.InputOffset()) }

func (r *jsonReader) lineAt(offset int64) int {
	offset = min(offset, int64(len(r.text)))
	if offset > r.at {
		r.line += bytes.Count(r.text[r.at:offset], []byte("\n"))
		r.at = offset
	}
	return r.line
}

func (r *jsonReader) token() (json.Token, error) {
	t, err := r.decoder.Token()
	if err == nil {
		return t, nil
	}
	if at := (*json.SyntaxError)(nil); errors.As(err, &at) {
		return nil, bad(r.name, r.lineAt(at.Offset), "not JSON: %s", at.Error())
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, bad(r.name, r.lineAt(int64(len(bytes.TrimRight(r.text, " \t\r\n")))), "not JSON: it ends too early")
	}
	return nil, bad(r.name, r.here(), "not JSON: %v", err)
}

func (r *jsonReader) node() (*Node, error) {
	if r.depth++; r.depth > maxDepth {
		return nil, bad(r.name, r.here(), "nested more than %d deep", maxDepth)
	}
	defer func() { r.depth-- }()
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &Node{Line: r.here()}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			n.Kind = List
			return n, r.list(n)
		}
		n.Kind = Map
		return n, r.object(n)
	case json.Number:
		n.Value = jsonNumber(string(t))
	default:
		n.Value = token
	}
	return n, nil
}

func jsonNumber(text string) any {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !isExact(f) && !strings.ContainsAny(text, ".eE") {
		return text
	}
	return f
}

func (r *jsonReader) list(n *Node) error {
	for r.decoder.More() {
		item, err := r.node()
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	_, err := r.token()
	return err
}

func (r *jsonReader) object(n *Node) error {
	seen := map[string]bool{}
	for r.decoder.More() {
		token, err := r.token()
		if err != nil {
			return err
		}
		name, line := token.(string), r.here()
		if seen[name] {
			return bad(r.name, line, "the key %q is there twice", name)
		}
		seen[name] = true
		value, err := r.node()
		if err != nil {
			return err
		}
		n.Fields = append(n.Fields, Field{name, line, value})
	}
	_, err := r.token()
	return err
}
