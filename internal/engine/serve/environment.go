package serve

import (
	"os"
	"syscall"
)

// waitPolicy makes the threads of OpenMP sleep while they wait. By default they spin, and on a machine that also does
// other things a mesh on two threads then takes two to five times as long. The library reads it before main begins.
const waitPolicy = "OMP_WAIT_POLICY"

// FixEnvironment starts this program again, in the same process, where the environment lacks what has to be there before
// main begins. A worker sets it; this is for those who do not.
func FixEnvironment() error {
	if os.Getenv(waitPolicy) != "" {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, append(os.Environ(), waitPolicy+"=passive"))
}
