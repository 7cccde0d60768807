package testenv

import _ "embed"

// EveryType is the zone every.test with every type of record that BIND or
// gofab knows.
//
//go:embed everytype.zone
var EveryType string
