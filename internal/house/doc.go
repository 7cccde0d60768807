// Package house has no code of its own: its tests keep the shape of the project.
package house
