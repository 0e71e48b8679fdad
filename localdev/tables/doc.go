// Package tables makes the DynamoDB tables that a template declares in a local
// engine: keys, local and global secondary indexes with their projections, and
// time to live.
//
// # Promises
//
// Tables that are there are left as they are, with what is in them. One whose
// keys or indexes are not those of the template is an error, since the functions
// would fail with it; nothing is deleted. A table that Create made can be used
// when it returns.
//
// Billing is on demand whatever the template says, and streams, backups,
// encryption and tags are left out: local engines have no use for them.
//
// # Limits
//
// 30 s for a table to become usable. Signatures are made with made-up
// credentials, so this is for local engines alone.
//
// # Errors
//
// Each names the table. [ErrDiffers] is a table with another schema.
//
// Read next: tables.go, then schema.go.
package tables
