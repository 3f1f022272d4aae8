/*
 * Watches one process: waits until its program is executed, carries its streams to the log and to
 * clients, and records its end. One loop around ppoll(2), without time-outs while the process lives.
 *
 * A client's first byte says what its connection is for: `c` control, `i` what goes to stdin, `o` what
 * comes from stdout, `e` from stderr. The last three carry plain bytes; over control go struct request
 * and struct event. A client that does not read holds back the stream it listens to, as a pipe does.
 */
#include "shim.h"

/* A pipe can hold LAST_WORDS when its writer has ended; clients have as long as FAREWELL to take them. */
enum { CLIENTS = 64, LAST_WORDS = 1 << 20, FAREWELL_SECONDS = 2, RECORD_LONGEST = 320 };
enum role { FREE = 0, UNNAMED = 1, CONTROL = 'c', INPUT = 'i', OUTPUT = 'o', ERRORS = 'e' };

struct request {
    enum { SIGNAL = 1, RESIZE = 2 } kind;
    u32 value; /* a signal; or rows << 16 | columns */
};

struct event {
    enum { STARTED = 1, FAILED = 2, EXITED = 3 } kind;
    i32 a; /* pid; step; exit code */
    i32 b; /* 0; errno; signal */
    u32 reserved;
    struct __kernel_timespec time;
};

static struct client {
    int fd;
    u32 role;
    u32 taken; /* of the chunk of its stream, or of the request */
    struct request request;
} clients[CLIENTS];

static struct {
    u32 used, last_words;
    bool heard; /* somebody has listened */
} chunks[2];
static char chunk_bytes[2][LINE_LONGEST] BUFFER;

static struct { u32 used, given; } input;
static char input_bytes[4096] BUFFER;

static struct process process;
static u32 flags;
static int record_file;
static struct word word = {0, ECHILD};
static struct event started;
static struct event exited;
static i64 farewell; /* until then clients take the rest */

static bool is_guest(void) {
    return flags & PLAN_GUEST;
}

static void hang_up(struct client *client) {
    SYS1(close, client->fd);
    client->role = FREE;
}

static bool listens(const struct client *client, int stream) {
    return client->role == (stream ? ERRORS : OUTPUT);
}

static void hang_up_on(int stream) {
    for (int i = 0; i < CLIENTS; i++) {
        if (listens(&clients[i], stream)) {
            hang_up(&clients[i]);
        }
    }
}

static i64 send(struct client *client, const void *bytes, size_t size) {
    i64 sent = SYS6(sendto, client->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
    if (sent < 0 && sent != -EAGAIN && sent != -EINTR) {
        hang_up(client);
    }
    return sent < 0 ? 0 : sent;
}

/* Gives 0 when nothing has come, -1 at the end. */
static i64 receive(const struct client *client, void *to, size_t size) {
    i64 count = SYS6(recvfrom, client->fd, to, size, MSG_DONTWAIT, 0, 0);
    if (count == -EAGAIN || count == -EINTR) {
        return 0;
    }
    return count > 0 ? count : -1;
}

static void announce(const struct event *event) {
    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i].role == CONTROL) {
            send(&clients[i], event, sizeof(*event));
        }
    }
}

static void name(struct client *client) {
    u8 role = 0;
    i64 count = receive(client, &role, 1);
    bool known = role == CONTROL || role == INPUT || role == OUTPUT || role == ERRORS;
    if (count < 0 || (count && !known)) {
        hang_up(client);
        return;
    }
    client->role = count ? role : (u32)UNNAMED;
    if (role == OUTPUT || role == ERRORS) {
        chunks[role == ERRORS].heard = true;
        client->taken = chunks[role == ERRORS].used;
        if (started.kind && process.out[role == ERRORS] < 0) {
            hang_up(client);
        }
    } else if (role == CONTROL && started.kind) {
        send(client, &started, sizeof(started));
    }
}

/* Takes in all who have connected. */
static void welcome(void) {
    int fd = 0;
    for (int i = 0; i < CLIENTS && fd >= 0; i++) {
        if (clients[i].role == FREE) {
            fd = (int)SYS4(accept4, LISTENER, 0, 0, O_CLOEXEC | O_NONBLOCK);
            clients[i] = (struct client){.fd = fd, .role = fd < 0 ? FREE : UNNAMED};
        }
        if (clients[i].role == UNNAMED) {
            name(&clients[i]);
        }
    }
}

/* Takes the place of the record while there is some: a full file system must not hide an end. */
static void reserve_record(void) {
    static const char blank[RECORD_LONGEST];
    record_file = open_at(RUN_DIRECTORY, "exit.json.next", O_WRONLY | O_CREAT, 0600);
    SYS3(write, record_file, blank, RECORD_LONGEST);
}

/* Leaves a whole record or none. */
static void record(const char *form, const i64 *numbers, const struct __kernel_timespec *times) {
    char text[RECORD_LONGEST];
    i64 size = fill(text, form, numbers, times) - text;
    if (SYS4(pwrite64, record_file, text, size, 0) == size) {
        SYS2(ftruncate, record_file, size);
        SYS5(renameat2, RUN_DIRECTORY, "exit.json.next", RUN_DIRECTORY, "exit.json", 0);
    }
}

/* The program was not executed: whoever has connected hears why. */
_Noreturn void give_up(i32 step, i32 error) {
    i64 numbers[] = {step, error};
    reserve_record();
    record("{\"failedStep\":#,\"errno\":#}\n", numbers, 0);
    welcome();
    announce(&(struct event){.kind = FAILED, .a = step, .b = error});
    leave(1);
}

static void close_stdin(void) {
    char end = 4; /* end of transmission */
    if (flags & PLAN_TERMINAL) {
        SYS3(write, process.in, &end, 1);
    } else {
        SYS1(close, process.in);
        process.in = -1;
    }
}

static void give_input(void) {
    i64 count = SYS3(write, process.in, input_bytes + input.given, input.used - input.given);
    input.given += count > 0 ? (u32)count : 0;
    if (input.given == input.used || (count < 0 && count != -EAGAIN && count != -EINTR)) {
        input.used = input.given = 0;
    }
}

static void take_input(struct client *client) {
    i64 count = receive(client, input_bytes, sizeof(input_bytes));
    if (count > 0 && flags & PLAN_STDIN) {
        input.used = (u32)count;
        give_input();
    } else if (count < 0) {
        hang_up(client);
        if (flags & PLAN_STDIN && flags & (PLAN_GUEST | PLAN_STDIN_ONCE)) {
            close_stdin();
        }
    }
}

static void take_request(struct client *client) {
    struct request *request = &client->request;
    i64 count = receive(client, (char *)request + client->taken, sizeof(*request) - client->taken);
    client->taken += count > 0 ? (u32)count : 0;
    if (count < 0) {
        hang_up(client);
        if (is_guest()) {
            SYS4(pidfd_send_signal, process.pidfd, SIGKILL, 0, 0);
        }
    } else if (client->taken == sizeof(*request)) {
        u16 size[4] = {(u16)(request->value >> 16), (u16)request->value, 0, 0};
        client->taken = 0;
        if (request->kind == SIGNAL) {
            SYS4(pidfd_send_signal, process.pidfd, request->value, 0, 0);
        } else if (request->kind == RESIZE && flags & PLAN_TERMINAL) {
            SYS3(ioctl, process.in, TIOCSWINSZ, size);
        }
    }
}

/* Offers the chunk of a stream to those who listen; it is done when all have all of it. */
static void offer(int stream) {
    bool done = true;
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &clients[i];
        u32 left = chunks[stream].used - client->taken;
        if (listens(client, stream) && left) {
            client->taken += (u32)send(client, chunk_bytes[stream] + client->taken, left);
            done &= client->role == FREE || client->taken == chunks[stream].used;
        }
    }
    for (int i = 0; done && i < CLIENTS; i++) {
        clients[i].taken = listens(&clients[i], stream) ? 0 : clients[i].taken;
    }
    chunks[stream].used = done ? 0 : chunks[stream].used;
}

static bool is_wanted(int stream) {
    bool heard = chunks[stream].heard || !is_guest() || exited.kind;
    return process.out[stream] >= 0 && !chunks[stream].used && heard && started.kind;
}

/* After the end of the process a stream ends as soon as it is empty: others may hold it open. */
static void pump(int stream) {
    i64 count = SYS3(read, process.out[stream], chunk_bytes[stream], LINE_LONGEST);
    if (count > 0 && chunks[stream].last_words < LAST_WORDS) {
        chunks[stream].used = (u32)count;
        chunks[stream].last_words += exited.kind ? (u32)count : 0;
        log_take(stream, chunk_bytes[stream], (size_t)count);
        offer(stream);
    } else if (exited.kind || (count != -EAGAIN && count != -EINTR)) {
        SYS1(close, process.out[stream]);
        process.in = process.in == process.out[stream] ? -1 : process.in;
        process.out[stream] = -1;
        log_end(stream);
        hang_up_on(stream);
    }
}

static void reap(void) {
    i32 status = 0;
    SYS4(wait4, process.pid, &status, 0, 0);
    farewell = now(EVEN).tv_sec + FAREWELL_SECONDS;
    exited = (struct event){.kind = EXITED, .b = status & 127, .time = now(OF_DAY)};
    exited.a = exited.b ? 128 + exited.b : status >> 8 & 255;
}

/* The child's word about its steps, then its silence, which means that the program is executed. */
static void hear_child(void) {
    struct word heard = {0, 0};
    u64 rights[3] = {0, 0, 0};
    u64 vector[2] = {U(&heard), sizeof(heard)};
    u64 message[7] = {0, 0, U(vector), 1, U(rights), sizeof(rights), 0};
    long count = SYS3(recvmsg, process.status, message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    word = count > 0 ? heard : word;
    if (rights[0]) {
        process.in = (int)(u32)rights[2];
        process.out[0] = process.in;
        SYS3(fcntl, process.in, F_SETFL, O_RDWR | O_NONBLOCK);
    }
    if (count == 0 && word.step == READY) {
        SYS1(close, process.status);
        process.status = -1;
        started = (struct event){.kind = STARTED, .a = process.pid, .time = now(OF_DAY)};
        announce(&started);
        if (flags & PLAN_TERMINAL) {
            hang_up_on(1);
        }
    } else if (count == 0) {
        SYS4(pidfd_send_signal, process.pidfd, SIGKILL, 0, 0);
        reap();
        give_up(word.step, word.error);
    }
}

/* All has been said: to the log, to those who listen, and in the record. */
static void finish(void) {
    bool controlled = false;
    for (int i = 0; i < CLIENTS; i++) {
        controlled |= clients[i].role == CONTROL || clients[i].role == UNNAMED;
    }
    if (!is_guest() && now(EVEN).tv_sec > farewell) {
        hang_up_on(0);
        hang_up_on(1);
    }
    for (int stream = 0; stream < 2; stream++) {
        offer(stream);
        while (is_wanted(stream)) {
            pump(stream);
        }
    }
    if ((process.out[0] < 0 && process.out[1] < 0) || (is_guest() && !controlled)) {
        i64 numbers[] = {process.pid, exited.a, exited.b, log_dropped()};
        struct __kernel_timespec times[] = {started.time, exited.time};
        if (!is_guest()) {
            record("{\"pid\":#,\"exitCode\":#,\"signal\":#,\"logDroppedBytes\":#,"
                   "\"startedAt\":\"@\",\"finishedAt\":\"@\"}\n", numbers, times);
            announce(&exited);
        }
        leave(0);
    }
}

static void serve(struct client *client, i16 seen) {
    if (client->role == UNNAMED) {
        name(client);
    } else if (client->role == CONTROL) {
        take_request(client);
    } else if (client->role == INPUT && !input.used) {
        take_input(client);
    } else if (client->role != INPUT && seen & (POLLHUP | POLLERR)) {
        hang_up(client);
    }
}

static struct pollfd watch(bool wanted, int fd, i16 events) {
    return (struct pollfd){wanted ? fd : -1, events, 0};
}

static struct pollfd watch_client(const struct client *client) {
    bool listener = listens(client, 0) || listens(client, 1);
    bool behind = listener && client->taken < chunks[listens(client, 1)].used;
    bool waits = client->role == FREE || (client->role == INPUT && input.used);
    return watch(!waits, client->fd, listener ? (behind ? POLLOUT : 0) : POLLIN);
}

_Noreturn void monitor(struct process child, u32 plan_flags) {
    enum { STATUS, PROCESS, OUT, ERR, IN, DOOR, FIRST };
    struct pollfd polls[FIRST + CLIENTS];
    process = child;
    flags = plan_flags;
    reserve_record();
    /* Who starts a guest has connected before: what it says must not be read while nobody listens. */
    welcome();
    for (;;) {
        struct __kernel_timespec patience = {FAREWELL_SECONDS, 0};
        bool has_room = false;
        for (int i = 0; i < CLIENTS; i++) {
            polls[FIRST + i] = watch_client(&clients[i]);
            has_room |= clients[i].role == FREE;
        }
        polls[STATUS] = watch(true, process.status, POLLIN);
        polls[PROCESS] = watch(started.kind && !exited.kind, process.pidfd, POLLIN);
        polls[OUT] = watch(is_wanted(0), process.out[0], POLLIN);
        polls[ERR] = watch(is_wanted(1), process.out[1], POLLIN);
        polls[IN] = watch(input.used, process.in, POLLOUT);
        polls[DOOR] = watch(has_room, LISTENER, POLLIN);
        SYS5(ppoll, polls, FIRST + CLIENTS, exited.kind ? &patience : 0, 0, 0);
        /* First of all: who has connected before something was said hears it. */
        if (polls[DOOR].revents) {
            welcome();
        }
        if (polls[STATUS].revents) {
            hear_child();
        }
        for (int stream = 0; stream < 2; stream++) {
            if (polls[OUT + stream].revents) {
                pump(stream);
            } else if (chunks[stream].used) {
                offer(stream);
            }
        }
        if (polls[IN].revents) {
            give_input();
        }
        for (int i = 0; i < CLIENTS; i++) {
            if (polls[FIRST + i].revents) {
                serve(&clients[i], polls[FIRST + i].revents);
            }
        }
        if (polls[PROCESS].revents) {
            reap();
            if (is_guest()) {
                announce(&exited);
            }
        }
        if (exited.kind) {
            finish();
        }
    }
}
