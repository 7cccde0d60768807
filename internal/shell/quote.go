package shell

import (
	"strings"

	"gofab/internal/fault"
)

// Quote makes one word of a POSIX shell's command line out of any text
// (POSIX.1-2024, XCU 2.2.2). A plain word stays as it is. The one text that
// cannot be an argument is one with a NUL byte in it.
//
// A single quote inside goes into double quotes and not behind a backslash, so
// that the result means the same to csh and fish as well, and can be quoted
// again without growing backslashes.
func Quote(text string) (string, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return "", fault.New(fault.Usage, "an argument holds a NUL byte, which no command can be given").
			WithHint("send binary data on standard input or in a file")
	}
	return quote(text), nil
}

// Join quotes every argument and puts blanks between them.
func Join(args []string) (string, error) {
	words := make([]string, len(args))
	for i, arg := range args {
		word, err := Quote(arg)
		if err != nil {
			return "", err
		}
		words[i] = word
	}
	return strings.Join(words, " "), nil
}

func quote(text string) string {
	if plain(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'"
}

// plain tells whether a text means itself anywhere in a command line.
func plain(text string) bool {
	for i := range len(text) {
		if !plainByte(text[i]) {
			return false
		}
	}
	return text != "" && !reserved[text]
}

// plainByte leaves out what is harmless in some places only: = makes an
// assignment of a first word and a path of a zsh word, ~ a home directory, % a
// job.
func plainByte(b byte) bool {
	switch {
	case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		return true
	}
	return strings.IndexByte("_-./,:@+", b) >= 0
}

// reserved are the words that are syntax where a command is expected, in sh,
// bash and ksh.
var reserved = map[string]bool{
	"case": true, "coproc": true, "do": true, "done": true, "elif": true, "else": true,
	"esac": true, "fi": true, "for": true, "function": true, "if": true, "in": true,
	"namespace": true, "select": true, "then": true, "time": true, "until": true, "while": true,
}
