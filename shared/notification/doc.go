// Package notification reads notifications: CloudEvents 1.0 in the JSON format
// (https://github.com/cloudevents/spec, spec.md and formats/json-format.md).
//
//	specversion      "1.0"; filled in
//	id               at most 256 bytes; filled in
//	source           required; a URI reference of at most 2,048 bytes
//	type             required; at most 256 bytes
//	subject          at most 2,048 bytes
//	time             RFC 3339; filled in, in UTC to the millisecond
//	datacontenttype  application/json
//	dataschema       a URI of at most 2,048 bytes
//	expirytime       RFC 3339, in the future: nobody shows it from then on
//	urgency          very-low, low, normal (which stands for none) or high
//	collapsekey      at most 128 bytes: a newer event with the same key replaces this one
//	correlationid    at most 256 bytes
//	data             required; a JSON object whose title, if it has one, is a string
//
// Other attributes are extensions: a name of at most 20 characters of a-z and
// 0-9, and a string, a boolean or an integer of 32 bits. No attribute holds a
// control character, none but an extension is an empty string, and one that is
// null is absent. An event has at most 64 attributes and 31 KiB.
//
// Promises: every fault of an event is named at once, by its path and rule; an
// accepted event is valid JSON in valid UTF-8 within the limits, and reads
// again as the same; no input makes a function panic. All functions are safe
// for concurrent use. Read notification.go next, then read.go.
package notification
