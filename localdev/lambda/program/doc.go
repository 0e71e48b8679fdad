// Package program finds how to run a template's function as a process: which
// program, with which arguments, in which folder.
//
//	provided.*   <folder>/bootstrap
//	nodejs*      node main.mjs, the client of package nodejs
//	python*      python -m awslambdaric <handler>
//
// # Where the code is
//
// In the first of these that is there: for custom runtimes Options.Binaries, by
// the logical id or by the last part of CodeUri; .aws-sam/build/<logical id> beside
// the template, which `sam build` makes; the folder of CodeUri itself. Code that the
// template holds (InlineCode, ZipFile) is written to a file named index, as on
// Lambda.
//
// Layers of the template are found as folders: what stands below nodejs and python
// in them is on the search path, before what Lambda brings. Node.js finds modules
// of theirs by /opt/…, too.
//
// # Promises
//
// Nothing is built and nothing is installed. What is missing is an error that says
// what it is and the command that makes it: a bootstrap, one for this machine's
// processor, the handler's file, packages of package.json or requirements.txt. The
// Node.js and Python of this machine run the code whatever version the template
// names.
//
// # Errors
//
// [ErrUnsupported] is a runtime that cannot be run here (Java, .NET, Ruby, images,
// code in S3).
//
// Read next: program.go, then node.go, python.go and binary.go.
package program
