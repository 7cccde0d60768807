package dnsclient

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// httpClient keeps the connections to one server.
type httpClient struct{ http.Client }

const dnsMessage = "application/dns-message"

// exchangeHTTPS asks by RFC 8484. The ID is 0 there, so that answers can be
// cached.
func (r *Resolver) exchangeHTTPS(ctx context.Context, s Server, q *request) ([]byte, error) {
	client, err := r.httpClient(s)
	if err != nil {
		return nil, err
	}
	q.id, q.wire[0], q.wire[1] = 0, 0, 0
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(q.wire))
	if err != nil {
		return nil, problem{StatusUnreachable, innermost(err)}
	}
	post.Header.Set("Content-Type", dnsMessage)
	post.Header.Set("Accept", dnsMessage)
	response, err := client.Do(post)
	if err != nil {
		return nil, networkProblem(ctx, tlsProblem(err), "")
	}
	defer response.Body.Close()
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); response.StatusCode != http.StatusOK || kind != dnsMessage {
		return nil, problem{StatusMalformed, fmt.Sprintf("the server answered with HTTP status %d and %q", response.StatusCode, kind)}
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, 65536))
	if err != nil {
		return nil, networkProblem(ctx, err, "")
	}
	if wrong := q.matches(answer); wrong != "" {
		return nil, problem{StatusMalformed, wrong}
	}
	return answer, nil
}

func (r *Resolver) httpClient(s Server) (*httpClient, error) {
	config, err := r.options.Security.tlsConfig(s.Host)
	if err != nil {
		return nil, err
	}
	name := r.connectionKey(s)
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	if c := r.pool.http[name]; c != nil {
		return c, nil
	}
	c := &httpClient{http.Client{Transport: &http.Transport{
		TLSClientConfig: config, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: idleSockets,
	}}}
	r.pool.http[name] = c
	return c, nil
}
