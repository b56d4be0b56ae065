// Command coedit edits a text file together with others, from the terminal.
//
//	coedit FILE          edit alone
//	coedit share FILE    share it: shows a link
//	coedit join LINK     join from another machine
//
// The command holds flags, wiring and the printing of errors; everything else is in the packages below. Each command is a
// file here. What a user sees:
//
//   - Standard output has what was asked for (a link, a text), standard error what is said about it.
//   - An error is two lines: "coedit: what happened" and, indented, what to do. Never a stack trace (COEDIT_DEBUG=1 shows one).
//   - Exit codes: 0 done, 1 failure, 2 usage, 3 could not connect, 4 refused.
//   - Every flag can be set in the environment as COEDIT_FLAG (--link-file is COEDIT_LINK_FILE); the flag wins.
//
// It promises nothing about the wording of errors; scripts use the exit code.
package main
