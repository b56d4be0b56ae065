package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"coedit/transport"

	"github.com/spf13/cobra"
)

// releaseVersion is set by the linker: -X main.releaseVersion=v1.2.3.
var releaseVersion string

// version is the release, or what the Go tool knows about the build.
func version() string {
	if releaseVersion != "" {
		return releaseVersion
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

func versionText() string {
	versions := fmt.Sprint(transport.Version)
	if transport.MinVersion != transport.Version {
		versions = fmt.Sprintf("%d to %d", transport.MinVersion, transport.Version)
	}
	return fmt.Sprintf("coedit %s\nprotocol %s\n%s %s/%s\n", version(), versions, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// agent is how this program calls itself to a relay.
func agent(command string) string { return "coedit " + version() + " " + command }

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version of the program and of the protocol",
		Example: "  coedit version",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(p.stdout, versionText())
			return err
		},
	}
}
