//go:build linux && !race

package run_test

// fateSeeds is how many runs of 200 hosts the matrix of fates has.
const fateSeeds = 100
