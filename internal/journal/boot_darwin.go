package journal

import "golang.org/x/sys/unix"

// bootID names this boot of the machine; "" unknown.
func bootID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
