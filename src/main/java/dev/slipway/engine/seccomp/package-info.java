/// Decides which system calls a container may make, and says it in the kernel's filter language.
///
/// Words: a *filter* is a classic BPF program that the kernel runs at each system call; a *verdict* ([Verdict]) is what
/// it answers; the *table* ([SyscallTable]) lists all calls that are known, with their numbers and verdicts;
/// a *profile* ([SeccompProfileFile]) is a policy that people wrote.
///
/// In: names of capabilities, and profiles as JSON. Out: the bytes of an array of `struct sock_filter`.
///
/// Never: loads a filter, knows a container.
///
/// The policy of whoever brings none is the default of containerd and Docker, kept as a table (`syscalls.txt`). 32-bit
/// programs may run, as they may there, by the numbers of their own architecture. What that costs: they reach sockets
/// through socketcall(2), whose arguments no filter can read, so the rule about address families does not bind them.
/// The x32 ABI is answered as a kernel without it does. A program of any other architecture is killed.
///
/// The program is a balanced tree over ranges of numbers, not a list: since Linux 5.11 the kernel tries every number
/// once when a filter is loaded, at each start of a container.
///
/// @spec https://docs.kernel.org/userspace-api/seccomp_filter.html Seccomp BPF
@NullMarked
package dev.slipway.engine.seccomp;

import org.jspecify.annotations.NullMarked;
