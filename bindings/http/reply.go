package http

import (
	"io"
	nethttp "net/http"
	"os"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// reply writes what the function of a route returned: a text, nothing, or a
// table with any of status, headers, body, json and file.
func (s *server) reply(w nethttp.ResponseWriter, q *nethttp.Request, value any) error {
	switch v := value.(type) {
	case nil:
		w.WriteHeader(nethttp.StatusNoContent)
		return nil
	case string:
		_, _ = io.WriteString(w, v) // fails only when the client is gone
		return nil
	case map[string]any:
		return s.replyTable(w, q, v)
	default:
		return fault.New(fault.Usage, "a route returns a text or a table, not a %T", value)
	}
}

func (s *server) replyTable(w nethttp.ResponseWriter, q *nethttp.Request, v map[string]any) error {
	status := nethttp.StatusOK
	var body []byte
	for key, item := range v {
		var err error
		switch key {
		case "status":
			status, err = statusOf(item)
		case "headers":
			err = setHeaders(w.Header(), item)
		case "body":
			text, ok := item.(string)
			body, err = []byte(text), wrongUnless(ok, "body: want string")
		case "json":
			w.Header().Set("Content-Type", "application/json")
			body, err = kit.ToJSON(item, 0)
		case "file":
		default:
			err = fault.New(fault.Usage, "unknown key %q (status, headers, body, json and file are known)", key)
		}
		if err != nil {
			return err
		}
	}
	if file, ok := v["file"].(string); ok {
		return s.replyFile(w, q, file)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}

// replyFile sends a file with its type, parts of it when they are asked for.
func (s *server) replyFile(w nethttp.ResponseWriter, q *nethttp.Request, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.OS(err, "cannot read %s", path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return fault.New(fault.Usage, "%s is not a file", path)
	}
	nethttp.ServeContent(w, q, info.Name(), info.ModTime(), f)
	return nil
}

func statusOf(value any) (int, error) {
	n, ok := value.(float64)
	if !ok || n != float64(int(n)) || n < 100 || n > 999 {
		return 0, fault.New(fault.Usage, "status: want a number such as 200")
	}
	return int(n), nil
}

func setHeaders(h nethttp.Header, value any) error {
	table, ok := value.(map[string]any)
	for name, item := range table {
		text, isText := item.(string)
		ok = ok && isText
		h.Set(name, text)
	}
	return wrongUnless(ok, "headers: want a table of strings")
}

func wrongUnless(ok bool, what string) error {
	if ok {
		return nil
	}
	return fault.New(fault.Usage, "%s", what)
}
