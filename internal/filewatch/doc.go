// Package filewatch tells when another program may have changed a file.
//
// The file's folder is watched and not the file, because most programs write a file by making another one of its name. Where the
// path is a symbolic link the folder of the link is watched, too. What happens there is gathered until it has been quiet for a
// tenth of a second, so that a program which writes in several steps is noticed once. Where the system cannot watch (a network
// file system, too many watches) the file's size, time and identity are looked at every two seconds; they are looked at now and
// then in any case, because a system that cannot watch does not always say so.
//
//	w := filewatch.New("main.go")
//	defer w.Close()
//	for w.Wait(ctx) == nil {
//		// read the file and compare
//	}
//
// # What it does not promise
//
// Wait may return though nothing has changed: one's own writes count like those of others. That a file changed and changed back
// between two looks is not noticed. Times are durations of the machine's clock.
//
// A [Watcher] belongs to one goroutine at a time; Close may be called from any.
package filewatch
