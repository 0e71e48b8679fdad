// Package dynamostore keeps logs, connections, sessions and limits in DynamoDB.
//
// It promises what [inbox.Table], [connections.Store], [session.Store] and
// [limit.Store] say:
//
//   - Every read is strongly consistent, but for SessionsOfUser, which asks a
//     global index and may miss the last moments.
//   - Every operation is one request, but for DeleteSession (two), for a read
//     of more than 1 MB by OfUser and SessionsOfUser (one a page), and for keys
//     that BatchGetItem leaves unprocessed. Nothing is ever scanned.
//   - A commit whose reply was lost is not made twice, and not taken for a
//     conflict: see commit.go. Nor is a swap of limits.
//   - Expired rows are DynamoDB's to delete, within days. Readers of the log,
//     of sessions and of tickets compare Expires themselves; OfUser does it here.
//
// Requests are retried by the client that New is given, as its settings say,
// and by nothing else, but for unprocessed keys.
//
// Limits: 1,024 bytes for a sort key, so 1,022 for a collapse key; 2,048 bytes
// for a user (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html);
// 10 GB of log for one user, which is a limit of tables with local indexes.
//
// Errors name the operation and the user or id and wrap the SDK's own, so that
// errors.As finds its types. They carry no token and no event.
//
// Read next: keys.go for the tables, commit.go for what makes a commit safe.
package dynamostore
