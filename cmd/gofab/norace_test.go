//go:build !race

package main

// interruptRounds is how many runs are interrupted.
const interruptRounds = 200
