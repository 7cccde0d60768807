package expect

// Pager is what comes between two pages, and what turns the page.
type Pager struct {
	Pattern string `lua:"pattern,arg1" doc:"Regular expression."`
	Send    string `lua:"send,arg2" default:" " doc:"What to send, as it is."`
}

// commonPager is what less, more and most network devices show.
const commonPager = `(?i)-{2,} ?\(?more\b[^\r\n]*?\)? ?-{2,}|<-+ ?more ?-+>|\(END\)|press any key to continue`

// Device is what has a prompt of its own and no shell: a switch, a router. Its
// echo is taken out of the answers, and its pages are turned.
func Device(prompt string, pagers []Pager) (REPL, error) {
	r := REPL{Echo: true, Knock: true, Pagers: []Rule{Page(Must(commonPager), " ")}}
	var err error
	if r.Prompt, err = Regexp(prompt); err != nil {
		return REPL{}, err
	}
	for _, p := range pagers {
		pattern, err := Regexp(p.Pattern)
		if err != nil {
			return REPL{}, err
		}
		r.Pagers = append(r.Pagers, Page(pattern, p.Send))
	}
	return r, nil
}
