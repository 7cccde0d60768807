package sshclient

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh/agent"
)

// addKeys is AddKeysToAgent (ssh_config(5)): what happens to the key of a file
// after it has signed for the first time.
type addKeys struct {
	wanted, ask, confirm bool
	seconds              uint32 // how long the agent keeps it; 0 is for ever
}

// readAddKeys reads yes, no, ask, confirm, "confirm 60" or a number of seconds.
func readAddKeys(value string) addKeys {
	words := strings.Fields(value)
	if len(words) == 0 || words[0] == "no" {
		return addKeys{}
	}
	seconds, _ := strconv.ParseUint(words[len(words)-1], 10, 32) // 0 for the other words
	return addKeys{wanted: true, ask: words[0] == "ask", confirm: words[0] == "confirm", seconds: uint32(seconds)}
}

// addToAgent gives an unlocked key to the agent, once in a run for each agent.
// An agent that does not want it is no reason to fail a login.
func (a *authenticator) addToAgent(f *keyFile) {
	socket := a.o.agentSocket
	if !a.o.addKeys.wanted || socket == "" || !f.addOnce(socket) {
		return
	}
	if a.o.addKeys.ask {
		answer, err := a.ask(fmt.Sprintf("add the key %s to the agent (yes/no)? ", a.short(f.path)), true)
		if err != nil || !strings.EqualFold(strings.TrimSpace(answer), "yes") {
			return
		}
	}
	err := a.dialer.agents.request(a.limit.ctx, socket, func(ring agent.ExtendedAgent) error {
		return ring.Add(agent.AddedKey{
			PrivateKey: f.private, Comment: f.path,
			LifetimeSecs: a.o.addKeys.seconds, ConfirmBeforeUse: a.o.addKeys.confirm,
		})
	})
	if err != nil {
		a.dialer.deps.Warn(fmt.Sprintf("the agent did not take the key %s: %s", a.short(f.path), agentReason(err)))
	}
}

// addOnce tells whether the key is to be added to an agent now.
func (f *keyFile) addOnce(socket string) bool {
	f.unlocking <- struct{}{}
	defer func() { <-f.unlocking }()
	if slices.Contains(f.added, socket) {
		return false
	}
	f.added = append(f.added, socket)
	return true
}
