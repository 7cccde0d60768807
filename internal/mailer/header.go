package mailer

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"gofab/internal/fault"
)

// lineWidth is what a header line keeps to where it can (RFC 5322, 2.1.1).
const lineWidth = 76

// field writes one header field, folded at blanks. The value is encoded
// already.
func field(w *strings.Builder, name, value string) {
	line := name + ":"
	for i, word := range strings.Split(value, " ") {
		if i > 0 && word != "" && len(line)+1+len(word) > lineWidth && strings.TrimSpace(line) != "" {
			w.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	w.WriteString(line + "\r\n")
}

// encoded is free text for a header: as it is, or as RFC 2047 words.
func encoded(text string) string {
	if isASCII(text) && !strings.Contains(text, "=?") && longest(text) < 900 {
		return text
	}
	return encodedWords(text)
}

// wordBytes is how much text goes into one encoded word of 75 characters.
const wordBytes = 45

// encodedWords writes text in base64 words, which are cut between characters.
// They are the same in free text and in a name.
func encodedWords(text string) string {
	var words []string
	for text != "" {
		end := 0
		for end < len(text) {
			_, size := utf8.DecodeRuneInString(text[end:])
			if end+size > wordBytes {
				break
			}
			end += size
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(text[:end]))+"?=")
		text = text[end:]
	}
	return strings.Join(words, " ")
}

// longest is the length of the longest word: one without a blank cannot be
// folded.
func longest(text string) int {
	n := 0
	for _, word := range strings.Fields(text) {
		n = max(n, len(word))
	}
	return n
}

// phrase is a name in front of an address.
func phrase(name string) string {
	if !isASCII(name) || strings.Contains(name, "=?") {
		return encodedWords(name)
	}
	for _, r := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~ ", r) {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		}
	}
	return name
}

// checkField refuses what would end a header field or begin another.
func checkField(name, value string) error {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return fault.New(fault.Usage, "%q is not the name of a header field", name)
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return fault.New(fault.Usage, "the header field %s has a line break", name)
	}
	if !utf8.ValidString(value) {
		return fault.New(fault.Usage, "the header field %s is not UTF-8", name)
	}
	return nil
}
