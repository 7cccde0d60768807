// Package rdata reads the data of resource records: bytes as they go over the
// wire in, named fields and the text form out.
//
// Rules: one table (table.go) says what each type is made of, and everything
// else follows from it. The text is what `dig +nosplit` prints, so base64 and
// hexadecimal digits come in one piece. Field names are those of dnspython.
// Data that is not what its type promises is an error, never a panic and never
// half a record; types that are not in the table have the text of RFC 3597.
package rdata

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Field is one named part of a record: Value is a string, an int64, a
// []string or a map[string]any.
type Field struct {
	Name  string
	Value any
}

// Data is the content of one record.
type Data struct {
	Text   string
	Fields []Field
	Wire   []byte // its bytes with names written out
}

// Parse reads the data of a record, without compressed names.
func Parse(code uint16, wire []byte) (Data, error) { return parse(code, newReader(wire)) }

// ParseAt reads the data of a record inside a message, where names may be
// compressed.
func ParseAt(code uint16, msg []byte, at, length int) (Data, error) {
	if at < 0 || length < 0 || at+length > len(msg) {
		return Data{}, fmt.Errorf("a record ends behind the message")
	}
	return parse(code, &reader{msg: msg, at: at, end: at + length, packed: true})
}

func parse(code uint16, r *reader) (Data, error) {
	kind, ok := byCode()[code]
	if !ok {
		return unknown(r.all()), nil
	}
	d := Data{Fields: make([]Field, 0, len(kind.parts))}
	r.wire = make([]byte, 0, r.left()+16)
	for _, p := range kind.parts {
		text, value := p.read(r)
		if text != "" && d.Text != "" {
			d.Text += " "
		}
		d.Text += text
		d.add(p.name, value)
	}
	if r.short || r.left() > 0 {
		return Data{}, fmt.Errorf("malformed %s record", kind.name)
	}
	d.Wire = r.wire
	return d, nil
}

// add keeps a field. A form without a name gives several at once.
func (d *Data) add(name string, value any) {
	several, ok := value.(map[string]any)
	switch {
	case value == nil:
	case name == "" && ok:
		for _, name := range slices.Sorted(maps.Keys(several)) {
			d.Fields = append(d.Fields, Field{name, several[name]})
		}
	case name != "":
		d.Fields = append(d.Fields, Field{name, value})
	}
}

// unknown is the form of RFC 3597 for types that nobody knows.
func unknown(wire []byte) Data {
	digits := strings.ToUpper(hex.EncodeToString(wire))
	text := `\# ` + strconv.Itoa(len(wire))
	if digits != "" {
		text += " " + digits
	}
	return Data{Text: text, Fields: []Field{{"data", digits}}, Wire: wire}
}

// TypeName gives the mnemonic of a type, "TYPE65280" for an unknown one.
func TypeName(code uint16) string {
	if kind, ok := byCode()[code]; ok {
		return kind.name
	}
	if name, ok := queryTypes[code]; ok {
		return name
	}
	return "TYPE" + strconv.Itoa(int(code))
}

// TypeCode finds a type by its mnemonic, in either case, or by "TYPE123".
func TypeCode(name string) (uint16, bool) {
	name = strings.ToUpper(name)
	if code, ok := byName()[name]; ok {
		return code, true
	}
	if digits, ok := strings.CutPrefix(name, "TYPE"); ok {
		code, err := strconv.ParseUint(digits, 10, 16)
		return uint16(code), err == nil
	}
	return 0, false
}

// TypeNames lists all mnemonics, for suggestions.
func TypeNames() []string {
	names := make([]string, 0, len(byName()))
	for name := range byName() {
		names = append(names, name)
	}
	return names
}

// kind is one record type: its mnemonic and what its data is made of.
type kind struct {
	name  string
	parts []part
}

type part struct {
	name string
	read func(*reader) (text string, value any)
}

var byCode = sync.OnceValue(func() map[uint16]kind {
	kinds := make(map[uint16]kind, len(table))
	for _, row := range table {
		k := kind{name: row.name}
		for _, word := range strings.Fields(row.layout) {
			name, form, _ := strings.Cut(word, ":")
			k.parts = append(k.parts, part{name, forms[form]})
		}
		kinds[row.code] = k
	}
	return kinds
})

var byName = sync.OnceValue(func() map[string]uint16 {
	codes := make(map[string]uint16, len(table)+len(queryTypes))
	for _, row := range table {
		codes[row.name] = row.code
	}
	for code, name := range queryTypes {
		codes[name] = code
	}
	return codes
})
