package expect

import (
	"context"
	"time"
)

// Any waits on several processes at once for the first of some patterns, and
// gives the index of the process that showed it. When several have, the first
// of the list wins. Standing rules are not looked at.
func Any(ctx context.Context, all []*Process, patterns []Pattern, w Wait) (int, *Match, error) {
	if len(all) == 0 {
		return 0, nil, errNobody
	}
	if len(patterns) == 0 {
		patterns = []Pattern{EOF}
	}
	changes := make(chan struct{}, 1)
	questions := make([]*question, len(all))
	for i, p := range all {
		q, err := p.askOnly(patterns, w)
		if err != nil {
			return 0, nil, err
		}
		questions[i] = q
		defer p.watch(changes)()
	}
	winner := -1
	began, first := time.Now(), all[0]
	err := awaitOn(ctx, changes, first.deadline(w), func(late bool) (bool, time.Duration) {
		var again time.Duration
		for i, q := range questions {
			done, soon := q.try(late)
			if done {
				winner = i
				return true, 0
			}
			if soon > 0 && (again == 0 || soon < again) {
				again = soon
			}
		}
		return false, again
	})
	if err == errLate {
		winner, err = 0, questions[0].late(time.Since(began))
	}
	if err == nil && questions[winner].failure != nil {
		err = questions[winner].failure
	}
	if err != nil {
		return max(winner, 0), nil, all[max(winner, 0)].readFault(err)
	}
	return winner, questions[winner].match, nil
}
