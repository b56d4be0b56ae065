package store_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// event is something the traced process did: to one of the store's files, or a line it said about what was acknowledged.
type event struct {
	kind   byte   // one of the following
	file   string // its name in the folder
	offset int64
	data   []byte // written
	size   int64  // truncated to
	line   string
}

const (
	wrote      = 'w'
	truncated  = 't'
	synced     = 's'
	removed    = 'r'
	named      = 'n' // the folder was synced: which names are in it
	syncFailed = 'f'
	said       = 'l'
)

// storeFiles are those of a store.
var storeFiles = []string{"rooms.db", "rooms.wal"}

// fault makes the n-th call of a kind on the store's files (from 0) fail, without it having happened.
type fault struct {
	file  string // "": any of them
	call  uint64
	n     int
	errno syscall.Errno
}

// tracer runs a process and records, in order, what it writes to and syncs of the store's files.
type tracer struct {
	pid    int
	dir    string // the store's folder
	mem    *os.File
	inside map[int]*syscall.PtraceRegs // threads in a system call, with the registers at its beginning
	failed map[int]syscall.Errno       // the call is made to fail
	faults []fault
	calls  map[fault]int // so far, of a call on a file and on any of them
	events []event
}

// trace runs the test binary as `role` with arguments and gives what it did. A machine that does not let a process
// trace its child skips the test.
func trace(t *testing.T, role string, faults []fault, args ...string) []event {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	go func() { // the lines are taken from the calls; here they are only to be read
		buffer := make([]byte, 4096)
		for {
			if _, err := read.Read(buffer); err != nil {
				return
			}
		}
	}()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, argsVariable+"="+strings.Join(args, "\n"))
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Pdeathsig: syscall.SIGKILL}
	err = cmd.Start()
	write.Close()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
		t.Skipf("this machine does not let a process trace its child: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	tr := &tracer{
		pid: cmd.Process.Pid, dir: args[0], inside: map[int]*syscall.PtraceRegs{}, failed: map[int]syscall.Errno{},
		faults: faults, calls: map[fault]int{},
	}
	if err := tr.run(); err != nil {
		_ = cmd.Process.Kill()
		t.Fatal(err)
	}
	return tr.events
}

// run follows the process until it ends.
func (tr *tracer) run() error {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(tr.pid, &status, 0, nil); err != nil {
		return fmt.Errorf("waiting for the first stop: %w", err)
	}
	if err := syscall.PtraceSetOptions(tr.pid, syscall.PTRACE_O_TRACECLONE|syscall.PTRACE_O_TRACESYSGOOD); err != nil {
		return fmt.Errorf("tracing options: %w", err)
	}
	var err error
	if tr.mem, err = os.Open(fmt.Sprintf("/proc/%d/mem", tr.pid)); err != nil {
		return err
	}
	defer tr.mem.Close()
	for tid := tr.pid; ; {
		if tid != 0 {
			if err := syscall.PtraceSyscall(tid, deliver(status)); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("going on: %w", err)
			}
		}
		if tid, err = syscall.Wait4(-1, &status, syscall.WALL, nil); err != nil {
			return fmt.Errorf("waiting: %w", err)
		}
		switch {
		case status.Exited() || status.Signaled():
			if tid == tr.pid {
				if status.ExitStatus() != 0 {
					return fmt.Errorf("the traced process ended with %d, signal %v", status.ExitStatus(), status.Signal())
				}
				return nil
			}
			tid = 0
		case status.Stopped() && status.StopSignal() == syscall.SIGTRAP|0x80:
			if err := tr.call(tid); err != nil {
				return err
			}
		}
	}
}

// deliver is the signal to hand on to a stopped thread; 0 when it stopped for the tracer.
func deliver(status syscall.WaitStatus) int {
	if !status.Stopped() {
		return 0
	}
	switch s := status.StopSignal(); s {
	case syscall.SIGTRAP, syscall.SIGTRAP | 0x80, syscall.SIGSTOP:
		return 0
	default:
		return int(s)
	}
}

// call is called at the beginning and at the end of each system call.
func (tr *tracer) call(tid int) error {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		if errors.Is(err, syscall.ESRCH) {
			return nil
		}
		return fmt.Errorf("reading registers: %w", err)
	}
	begin := tr.inside[tid]
	if begin == nil {
		tr.inside[tid] = &regs
		return tr.begin(tid, &regs)
	}
	delete(tr.inside, tid)
	if errno, failed := tr.failed[tid]; failed {
		delete(tr.failed, tid)
		regs.Rax = uint64(-int64(errno))
		if err := syscall.PtraceSetRegs(tid, &regs); err != nil {
			return fmt.Errorf("making a call fail: %w", err)
		}
		if begin.Orig_rax == syscall.SYS_FDATASYNC || begin.Orig_rax == syscall.SYS_FSYNC {
			tr.events = append(tr.events, event{kind: syncFailed, file: tr.storeFile(begin.Rdi)})
		}
		return nil
	}
	return tr.end(begin, int64(regs.Rax))
}

// begin makes the call fail if it is one of the faults.
func (tr *tracer) begin(tid int, regs *syscall.PtraceRegs) error {
	switch regs.Orig_rax {
	case syscall.SYS_PWRITE64, syscall.SYS_FDATASYNC, syscall.SYS_FSYNC, syscall.SYS_FTRUNCATE:
	default:
		return nil
	}
	name := tr.storeFile(regs.Rdi)
	if name == "" {
		return nil
	}
	before := map[string]int{}
	for _, on := range []string{"", name} {
		kind := fault{file: on, call: regs.Orig_rax}
		before[on] = tr.calls[kind]
		tr.calls[kind]++
	}
	for _, f := range tr.faults {
		if n, same := before[f.file]; same && f.call == regs.Orig_rax && f.n == n {
			tr.failed[tid] = f.errno
			changed := *regs
			changed.Orig_rax = ^uint64(0) // no such call: nothing happens
			if err := syscall.PtraceSetRegs(tid, &changed); err != nil {
				return fmt.Errorf("leaving out a call: %w", err)
			}
		}
	}
	return nil
}

// opened is what a descriptor is.
func (tr *tracer) opened(fd uint64) string {
	target, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tr.pid, fd))
	return target
}

// storeFile is the name of the store's file that a descriptor is; "": it is another one.
func (tr *tracer) storeFile(fd uint64) string {
	if name := filepath.Base(tr.opened(fd)); slices.Contains(storeFiles, name) {
		return name
	}
	return ""
}

// end notes a call that succeeded.
func (tr *tracer) end(regs *syscall.PtraceRegs, result int64) error {
	if result < 0 {
		return nil
	}
	switch regs.Orig_rax {
	case syscall.SYS_WRITE:
		if regs.Rdi == reportFD {
			b, err := tr.memory(regs.Rsi, result)
			tr.events = append(tr.events, event{kind: said, line: strings.TrimSuffix(string(b), "\n")})
			return err
		}
	case syscall.SYS_PWRITE64:
		if file := tr.storeFile(regs.Rdi); file != "" {
			b, err := tr.memory(regs.Rsi, result)
			tr.events = append(tr.events, event{kind: wrote, file: file, offset: int64(regs.R10), data: b})
			return err
		}
	case syscall.SYS_FTRUNCATE:
		if file := tr.storeFile(regs.Rdi); file != "" {
			tr.events = append(tr.events, event{kind: truncated, file: file, size: int64(regs.Rsi)})
		}
	case syscall.SYS_FDATASYNC, syscall.SYS_FSYNC:
		if file := tr.storeFile(regs.Rdi); file != "" {
			tr.events = append(tr.events, event{kind: synced, file: file})
		} else if tr.opened(regs.Rdi) == tr.dir {
			tr.events = append(tr.events, event{kind: named})
		}
	case syscall.SYS_UNLINKAT:
		for _, file := range storeFiles {
			path := filepath.Join(tr.dir, file)
			b, err := tr.memory(regs.Rsi, int64(len(path)+1))
			if err == nil && string(b) == path+"\x00" {
				tr.events = append(tr.events, event{kind: removed, file: file})
			}
		}
	}
	return nil
}

func (tr *tracer) memory(at uint64, n int64) ([]byte, error) {
	b := make([]byte, n)
	if _, err := tr.mem.ReadAt(b, int64(at)); err != nil {
		return nil, fmt.Errorf("reading what was written: %w", err)
	}
	return b, nil
}
