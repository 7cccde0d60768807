package journal

import (
	"encoding/json"
	"regexp"
	"strings"

	"gofab/internal/secret"
	"gofab/internal/shell"
)

// Secrets stay out of a journal, also those that nobody has declared yet when
// it is begun: an argument --password is none of its business. In their place
// is a mark, so that a resume knows what it has to ask for.

// withheld stands for a text that is a secret. No argument can look like it.
const withheld = "\x00secret"

// secretName is the name of an argument whose value is nobody's business.
var secretName = regexp.MustCompile(`(?i)(^|[_-])(pass(word|wd|phrase)?|secret|token|api_?key|credentials?)($|[_-])`)

// cleanArgs makes arguments fit for a file.
func cleanArgs(args map[string]any, secrets *secret.Redactor) map[string]any {
	clean := make(map[string]any, len(args))
	for name, value := range args {
		if isSecret(name, value, secrets) {
			value = withheld
		}
		clean[name] = value
	}
	return clean
}

func isSecret(name string, value any, secrets *secret.Redactor) bool {
	text, err := json.Marshal(value)
	if err != nil || secrets.Redact(string(text)) != string(text) {
		return true
	}
	given, isText := value.(string)
	return isText && given != "" && secretName.MatchString(name)
}

// cleanWords takes the secret arguments of a plan out of the words by which
// they were given.
func cleanWords(words []string, plan []Call, secrets *secret.Redactor) []string {
	clean := make([]string, len(words))
	for i, word := range words {
		clean[i] = cleanWord(word, plan, secrets)
	}
	return clean
}

func cleanWord(word string, plan []Call, secrets *secret.Redactor) string {
	for _, call := range plan {
		for name, value := range call.Args {
			text, isText := value.(string)
			if !isText || text == "" || !isSecret(name, value, secrets) {
				continue
			}
			if word == text || strings.HasPrefix(word, "-") && strings.HasSuffix(word, text) {
				return strings.TrimSuffix(word, text) + withheld
			}
		}
	}
	if secrets.Redact(word) != word {
		return withheld
	}
	return word
}

// Shown is what followed the fabfile, with stars for secrets.
func (r *Run) Shown() []string {
	words := make([]string, len(r.Words))
	for i, word := range r.Words {
		words[i] = strings.ReplaceAll(word, withheld, secret.Mask)
	}
	return words
}

// Line is how the run was called, as one would type it, with stars for secrets.
func (r *Run) Line() string {
	line, err := shell.Join(append([]string{r.File}, r.Shown()...))
	if err != nil {
		return r.File
	}
	return strings.ReplaceAll(line, "'"+secret.Mask+"'", secret.Mask)
}

// Arguments gives what followed the fabfile on the command line. ask is asked for
// each secret that the journal does not hold, by the option or the place that it
// belongs to.
func (r *Run) Arguments(ask func(of string) (string, error)) ([]string, error) {
	words := make([]string, len(r.Words))
	for i, word := range r.Words {
		option, isSecret := strings.CutSuffix(word, withheld)
		if !isSecret {
			words[i] = word
			continue
		}
		of := strings.TrimSuffix(option, "=")
		if of == "" && i > 0 {
			of = r.Words[i-1]
		}
		value, err := ask(of)
		if err != nil {
			return nil, err
		}
		words[i] = option + value
	}
	return words, nil
}
