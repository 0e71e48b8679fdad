// Package samples holds a small chat in three languages, each a template of its
// own in testdata with functions as one writes them for AWS, and plays the same
// dialogue with each, in real processes.
//
// Their code knows nothing of this machine: it builds the management endpoint from
// its event, and makes SDK clients without settings. It is the proof that such
// code runs here unchanged.
package samples
