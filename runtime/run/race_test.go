//go:build linux && race

package run_test

// fateSeeds is smaller here: the race detector takes ten times as long.
const fateSeeds = 12
