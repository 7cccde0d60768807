//go:build race

package main

// interruptRounds is smaller here: each process takes ten times as long.
const interruptRounds = 20
