/*
 * The log of a container, in the format of Kubernetes' container runtimes:
 *
 *     2026-01-31T10:00:00.123456789Z stdout F a line
 *
 * A line longer than LINE_LONGEST is cut into entries with the tag P, the last of which has the tag F.
 * The container never waits for a full disk: what cannot be written is dropped and counted.
 */
#include "shim.h"

enum { PREFIX_LENGTH = 40, BATCH = 32768, NAME_LONGEST = 255 };

/* The beginning of a line whose end has not come yet. */
static u32 held_sizes[2];
static char held[2][LINE_LONGEST] BUFFER;

static struct {
    int directory; /* 0: no log */
    int file;
    u32 files;
    i64 bytes;
    i64 size;
    i64 dropped;
    u32 used;
    u32 texts; /* bytes of the container's own in the batch */
    u32 name_size;
    char name[NAME_LONGEST + 1];
} log;
static char batch[BATCH] BUFFER;

struct __kernel_timespec now(enum clock clock) {
    struct __kernel_timespec time = {0, 0};
    SYS2(clock_gettime, clock, &time);
    return time;
}

static char *number_text(char *to, i64 number, int width) {
    char digits[20];
    int count = 0;
    for (; count < width || number; number /= 10) {
        digits[count++] = (char)('0' + number % 10);
    }
    while (count) {
        *to++ = digits[--count];
    }
    return to;
}

/* RFC 3339 with nanoseconds. Days since 1970 become a date by way of years that begin in March. */
static char *time_text(char *to, struct __kernel_timespec time) {
    i64 days = time.tv_sec / 86400 + 719468;
    i64 second = time.tv_sec % 86400;
    i64 rest = days % 146097;
    i64 year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    i64 day = rest - (365 * year + year / 4 - year / 100);
    i64 march = (5 * day + 2) / 153;
    i64 month = march < 10 ? march + 3 : march - 9;
    i64 parts[] = {year + days / 146097 * 400 + (month <= 2), month, day - (153 * march + 2) / 5 + 1,
                   second / 3600, second / 60 % 60, second % 60, time.tv_nsec};
    for (int i = 0; i < 7; i++) {
        to = number_text(to, parts[i], i == 0 ? 4 : i == 6 ? 9 : 2);
        *to++ = "--T::.Z"[i];
    }
    return to;
}

/* Writes `form` with the next of `numbers` for each # and the next of `times` for each @. */
char *fill(char *to, const char *form, const i64 *numbers, const struct __kernel_timespec *times) {
    for (; *form; form++) {
        if (*form == '#') {
            to = number_text(to, *numbers++, 1);
        } else if (*form == '@') {
            to = time_text(to, *times++);
        } else {
            *to++ = *form;
        }
    }
    *to = 0;
    return to;
}

static long open_file(int flags) {
    log.file = open_at(log.directory, log.name, O_WRONLY | O_CREAT | O_APPEND | flags, 0640);
    log.size = log.file < 0 ? 0 : SYS3(lseek, log.file, 0, 2);
    return log.file;
}

/* The name is short enough to have a number behind it: the plan's writer sees to that. */
long log_open(const char *directory, const char *name, u32 files, u64 bytes) {
    while (name[log.name_size] && log.name_size < NAME_LONGEST - 3) {
        log.name[log.name_size] = name[log.name_size];
        log.name_size++;
    }
    log.directory = open_at(AT_FDCWD, directory, O_RDONLY, 0);
    log.files = files;
    log.bytes = (i64)bytes;
    return log.directory < 0 ? log.directory : open_file(0);
}

i64 log_dropped(void) {
    return log.dropped;
}

/* Each file takes the name of the next older one; the oldest is gone. */
static void rotate(void) {
    char younger[NAME_LONGEST + 1];
    char older[NAME_LONGEST + 1];
    memcpy(younger, log.name, NAME_LONGEST + 1);
    memcpy(older, log.name, NAME_LONGEST + 1);
    for (i64 i = log.files - 1; i > 0; i--) {
        i64 next = i - 1;
        fill(older + log.name_size, ".#", &i, 0);
        fill(younger + log.name_size, next ? ".#" : "", &next, 0);
        SYS5(renameat2, log.directory, younger, log.directory, older, 0);
    }
    SYS1(close, log.file);
    open_file(O_TRUNC);
}

static void flush(void) {
    if (log.file < 0) {
        open_file(0);
    }
    i64 written = SYS3(write, log.file, batch, log.used);
    if (written != log.used) {
        log.dropped += log.texts;
        /* No half of an entry may stay. */
        bool halved = written > 0 && SYS2(ftruncate, log.file, log.size) == 0;
        written = halved || written < 0 ? 0 : written;
    }
    log.size += written;
    log.used = 0;
    log.texts = 0;
}

/* Adds an entry of the held beginning of a line and `size` bytes more. */
static void add(int stream, char tag, const char *text, u32 size) {
    u32 before = held_sizes[stream];
    u32 whole = PREFIX_LENGTH + before + size + 1;
    bool full = log.size + log.used + whole > log.bytes && log.size + log.used > 0;
    if (full || log.used + whole > BATCH) {
        flush();
    }
    if (full) {
        rotate();
    }
    struct __kernel_timespec time = now(OF_DAY);
    char *to = fill(batch + log.used, stream ? "@ stderr " : "@ stdout ", 0, &time);
    *to++ = tag;
    *to++ = ' ';
    memcpy(to, held[stream], before);
    memcpy(to + before, text, size);
    to[before + size] = '\n';
    log.used += whole;
    log.texts += before + size;
    held_sizes[stream] = 0;
}

/* Takes what the container has written. */
void log_take(int stream, const char *text, size_t size) {
    while (log.directory > 0 && size) {
        u32 room = LINE_LONGEST - held_sizes[stream];
        u32 count = 0;
        while (count < size && count < room && text[count] != '\n') {
            count++;
        }
        bool ended = count < size && text[count] == '\n';
        if (ended || count == room) {
            add(stream, ended ? 'F' : 'P', text, count);
        } else {
            memcpy(held[stream] + held_sizes[stream], text, count);
            held_sizes[stream] += count;
        }
        text += count + ended;
        size -= count + ended;
    }
    if (log.used) {
        flush();
    }
}

/* The stream has ended: a line that has not is written all the same. */
void log_end(int stream) {
    if (held_sizes[stream]) {
        add(stream, 'F', "", 0);
        flush();
    }
}
