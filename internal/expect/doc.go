// Package expect holds dialogues with programs: it waits for patterns in a
// stream of output and answers.
//
// What matches is decided by the bytes alone, never by the pieces they came in:
//
//   - The output is looked at byte by byte. The first byte after which a pattern
//     of the list matches decides. Of the patterns that match there the one that
//     begins earliest wins, then the one that is first in the list.
//   - The match of the winner is then as long as its own pattern wants it: it is
//     the one that regexp finds, at that beginning, in all of the output. When
//     more output could change it, the wait goes on until it cannot, or the
//     output ends, or it pauses (Settle).
//   - The end of the text ($, \z) is where the output ends or pauses, so that
//     "[#$] $" is a prompt that waits and not a $ in the middle of a line.
//   - The beginning of the text (^, \A) is where the last match ended.
//   - A timeout takes nothing away: the next wait sees the same output again.
//
// Each byte is looked at once, by one automaton for the whole list (dfa.go); a
// second one finds where the match begins and its groups, from the last place
// where no match was under way (pike.go). Memory is bounded: of a long wait
// the newest bytes are kept and the others counted, and output that nobody
// waits for is left in the stream until somebody does.
//
// A Process is a Stream with its buffer. Streams are terminals, pipes, sockets
// and SSH channels; who starts a program is not this package's business.
package expect
