/* Runs the steps of a plan, one after the other: no policy, only order and errors. */
#include "shim.h"

/* How often a lookup that met a rename is tried again. */
enum { PATIENCE = 100 };

static i64 *registers;

static bool is_sound(const struct plan_step *step, u32 left) {
    bool sound = step->call <= PLAN_EXECUTE && step->skip_on_success < left;
    sound &= step->skip_on_error < left && step->registers < 1 << 6;
    sound &= step->into < PLAN_REGISTERS || step->into == PLAN_NO_REGISTER;
    for (int i = 0; i < 6; i++) {
        sound &= !(step->registers >> i & 1) || step->arguments[i] < PLAN_REGISTERS;
    }
    return sound;
}

/* Checks the file and turns the offsets that its relocations name into addresses. */
static bool prepare(struct plan_header *plan, u64 size) {
    if (plan->magic != PLAN_MAGIC || plan->version != PLAN_VERSION || plan->size != size) {
        return false;
    }
    u64 table = sizeof(*plan) + U(plan->steps) * sizeof(struct plan_step);
    u64 pool = table + U(plan->relocations) * sizeof(u32);
    /* The last byte ends every string that does not end before it. */
    if (!plan->steps || pool >= size || ((char *)plan)[size - 1]) {
        return false;
    }
    const struct plan_step *steps = (struct plan_step *)(plan + 1);
    for (u32 i = 0; i < plan->steps; i++) {
        if (!is_sound(&steps[i], plan->steps - i)) {
            return false;
        }
    }
    for (u32 i = 0; i < plan->relocations; i++) {
        u64 place = *(u32 *)((char *)plan + table + i * sizeof(u32));
        u64 *field = (u64 *)((char *)plan + place);
        bool inside = place % 8 == 0 && place >= sizeof(*plan) && place <= size - sizeof(u64);
        if (!inside || *field < pool || *field >= size) {
            return false;
        }
        *field += U(plan);
    }
    return true;
}

/* Reads the plan of the run directory and removes it there: it may hold secrets. */
long tape_load(struct plan_header **plan) {
    int fd = open_at(RUN_DIRECTORY, "plan", O_RDONLY, 0);
    long size = SYS3(lseek, fd, 0, 2);
    if (size < (long)sizeof(struct plan_header) || size > PLAN_LARGEST) {
        return size < 0 ? size : -EINVAL;
    }
    /* PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS */
    long address = SYS6(mmap, 0, REGISTERS_SIZE + size, 3, 0x22, -1, 0);
    if (address < 0 && address > -4096) {
        return address;
    }
    registers = (i64 *)address;
    *plan = (struct plan_header *)(address + REGISTERS_SIZE);
    long result = SYS4(pread64, fd, *plan, size, 0);
    SYS1(close, fd);
    SYS3(unlinkat, RUN_DIRECTORY, "plan", 0);
    return result < 0 ? result : result == size && prepare(*plan, U(size)) ? 0 : -EINVAL;
}

/* Searching goes on where execvp(3) goes on. */
static long execute(char **paths, u64 argv, u64 envp) {
    long refusal = -ENOENT;
    for (; *paths; paths++) {
        long result = SYS3(execve, *paths, argv, envp);
        if (result != -ENOENT && result != -ENOTDIR && result != -EACCES) {
            return result;
        }
        refusal = result == -EACCES ? result : refusal;
    }
    return refusal;
}

/* Tells the shim how far the child is, and hands over descriptor `fd` unless it is negative. */
static long tell(int status, struct word word, i64 fd) {
    u64 rights[3] = {20, U(SCM_RIGHTS) << 32 | SOL_SOCKET, (u32)fd};
    u64 vector[2] = {U(&word), sizeof(word)};
    u64 message[7] = {0, 0, U(vector), 1, fd < 0 ? 0 : U(rights), fd < 0 ? 0 : sizeof(rights), 0};
    long result = SYS3(sendmsg, status, message, MSG_NOSIGNAL);
    return result < 0 ? result : 0;
}

static long fork_into(struct process *process, u64 flags, i64 cgroup) {
    struct clone_args arguments = {.flags = flags | CLONE_PIDFD, .pidfd = U(&process->pidfd)};
    arguments.exit_signal = SIGCHLD;
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = U(cgroup);
    }
    process->pid = (i32)SYS2(clone3, &arguments, sizeof(arguments));
    if (process->pid == 0) {
        /* A child that outlives the shim must notice it: nobody else may hold this end. */
        SYS1(close, process->status);
    }
    return process->pid;
}

static long run(const struct plan_step *step, struct process *process, int status) {
    u64 a[6];
    for (int i = 0; i < 6; i++) {
        u64 argument = step->arguments[i];
        a[i] = step->registers >> i & 1 ? U(registers[argument]) : argument;
    }
    switch (step->call) {
    case PLAN_LOG:
        return log_open((char *)a[0], (char *)a[1], (u32)a[2], a[3]);
    case PLAN_FORK:
        return fork_into(process, a[0], (i64)a[1]);
    case PLAN_EXPECT:
        return (*(u64 *)a[0] & a[1]) == a[2] ? 0 : -(long)a[3];
    case PLAN_LOAD:
        return (long)*(u64 *)a[0];
    case PLAN_STORE:
        *(u64 *)a[0] = a[1];
        return 0;
    case PLAN_MASK:
        *(u64 *)a[0] &= a[1];
        return 0;
    case PLAN_READY:
        return tell(status, (struct word){READY, 0}, (i64)a[0]);
    case PLAN_EXECUTE:
        return execute((char **)a[0], a[1], a[2]);
    default:
        return system_call(step->call, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

/*
 * Up to the fork all steps are the shim's own; it returns there, or where a step failed. The child goes
 * on and does not come back. `ends` are its ends of the pipes, `status_of_child` that of the channel.
 */
struct word tape_run(struct plan_header *plan, struct process *process, const int *ends, int status_of_child) {
    const struct plan_step *steps = (struct plan_step *)(plan + 1);
    bool forked = false;
    int attempts = 0;
    registers[PLAN_REGISTER_STDIN] = ends[0];
    registers[PLAN_REGISTER_STDOUT] = ends[1];
    registers[PLAN_REGISTER_STDERR] = ends[2];
    struct word word = {0, EINVAL};
    for (u32 at = 0; at < plan->steps; at++) {
        const struct plan_step *step = &steps[at];
        long result = run(step, process, status_of_child);
        bool failed = result < 0 && result > -4096;
        bool tolerated = result == -(long)step->tolerated[0] || result == -(long)step->tolerated[1];
        bool met_rename = result == -EAGAIN && step->call == __NR_openat2;
        if (result == -EINTR || (met_rename && attempts++ < PATIENCE)) {
            at--;
        } else if (failed && !tolerated) {
            word = (struct word){(i32)at + 1, (i32)-result};
            break;
        } else if (step->call == PLAN_FORK && result > 0) {
            return (struct word){0, 0};
        } else {
            forked |= step->call == PLAN_FORK;
            at += failed ? step->skip_on_error : step->skip_on_success;
        }
        if (!failed && step->into != PLAN_NO_REGISTER) {
            registers[step->into] = result;
        }
    }
    if (forked) {
        tell(status_of_child, word, -1);
        leave(127);
    }
    return word;
}
