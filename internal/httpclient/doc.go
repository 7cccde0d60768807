// Package httpclient asks web servers and knows what every step took.
//
// Rules: redirects are followed here and not by net/http, one request and one
// timeline a hop; credentials never go to another host, scheme or port than
// they were meant for; bodies are counted as they come over the wire and then
// decoded (gzip, deflate); everything is bounded, in time by the context and
// Config, in memory by MaxBody. A status of 400 and more is an answer, not an
// error. Errors are *fault.Error around a *Failure that names the step, with
// the number curl has for it.
package httpclient
