/*
 * Starts one process as a plan says and watches it. It is born with its run directory as descriptor 0,
 * a listening socket as 1, its program as 2, perhaps another process as 3; all else comes from the plan.
 */
#include "shim.h"

static void require(long result) {
    if (result < 0) {
        give_up(0, (i32)-result);
    }
}

static void set_action(int signal, u64 action) {
    u64 sigaction[4] = {action, 0, 0, 0};
    SYS4(rt_sigaction, signal, sigaction, 0, 8);
}

static void settle(void) {
    u64 none = 0;
    SYS3(dup3, 3, TARGET, O_CLOEXEC);
    SYS3(dup3, 0, RUN_DIRECTORY, O_CLOEXEC);
    SYS3(dup3, 1, LISTENER, O_CLOEXEC);
    SYS3(close_range, TARGET + 1, ~0u, 0);
    int null = open_at(AT_FDCWD, "/dev/null", O_RDWR, 0);
    require(null);
    for (int fd = 0; fd < 3; fd++) {
        SYS3(dup3, null, fd, 0);
    }
    SYS1(close, null);
    SYS3(fcntl, LISTENER, F_SETFL, O_NONBLOCK);
    /* A Java virtual machine ignores and blocks signals, which its children inherit. */
    for (int signal = 1; signal <= 64; signal++) {
        set_action(signal, 0);
    }
    SYS4(rt_sigprocmask, 2, &none, 0, 8);
    SYS1(setsid, 0);
    SYS1(chdir, "/");
    SYS2(prctl, PR_SET_NAME, "slipway-shim");
    /* Nobody who shares a pid namespace with us may reach our files through /proc. */
    SYS2(prctl, PR_SET_DUMPABLE, 0);
}

/* Makes a pipe; the shim's end, the writing one if `writes`, does not block. */
static int make_pipe(int *end_of_process, bool writes) {
    int ends[2];
    require(SYS2(pipe2, ends, O_CLOEXEC));
    SYS3(fcntl, ends[writes], F_SETFL, O_NONBLOCK);
    *end_of_process = ends[!writes];
    return ends[writes];
}

_Noreturn void shim(void);

_Noreturn void shim(void) {
    struct plan_header *plan = 0;
    struct process process = {.pidfd = -1, .in = -1, .out = {-1, -1}};
    int ends[3] = {-1, -1, -1};
    int status[2];
    settle();
    require(tape_load(&plan));
    u32 flags = plan->flags;
    require(SYS4(socketpair, AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, status));
    process.status = status[0];
    if (!(flags & PLAN_TERMINAL)) {
        process.in = flags & PLAN_STDIN ? make_pipe(&ends[0], true) : -1;
        process.out[0] = make_pipe(&ends[1], false);
        process.out[1] = make_pipe(&ends[2], false);
    }
    struct word word = tape_run(plan, &process, ends, status[1]);
    if (word.error) {
        give_up(word.step, word.error);
    }
    /* What belongs to the process is closed here, or its end would go unnoticed. */
    for (int number = 0; number < 3; number++) {
        SYS1(close, ends[number]);
    }
    SYS1(close, status[1]);
    set_action(SIGPIPE, 1);
    SYS2(munmap, (u8 *)plan - REGISTERS_SIZE, REGISTERS_SIZE + plan->size);
    monitor(process, flags);
}
