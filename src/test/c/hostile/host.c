/*
 * Doors to things of the host that are neither files nor processes, and the program that holds them there: a process, a
 * listening abstract socket, a listening port of loopback, shared memory, a message queue.
 */
#include "hostile.h"
#include <arpa/inet.h>
#include <linux/keyctl.h>
#include <linux/rtnetlink.h>
#include <mqueue.h>
#include <net/if.h>
#include <stddef.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t abstract(struct sockaddr_un *address, const char *name) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "%s", name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

long connects_abstract(void) {
    struct sockaddr_un address;
    socklen_t length = abstract(&address, fact("HOST_SOCKET"));
    return answer_of(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, length));
}

long connects_loopback(void) {
    struct sockaddr_in address = loopback(atoi(fact("HOST_PORT")));
    return answer_of(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)));
}

/* Takes the loopback interface down and up again: needs CAP_NET_ADMIN over the network. */
long adds_link(void) {
    struct {
        struct nlmsghdr head;
        struct ifinfomsg link;
    } request = {{sizeof(request), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0}, {.ifi_index = 1}};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char rest[512];
    } reply;
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0) {
        return -errno;
    }
    return recv(fd, &reply, sizeof(reply), 0) < 0 ? -errno : reply.error.error;
}

int hold_host(void) {
    struct sockaddr_un name;
    char text[64];
    int pid = getpid();
    snprintf(text, sizeof(text), "slipway-hostile-%d", pid);
    socklen_t length = abstract(&name, text);
    int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int network = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    int failed = bind(local, (struct sockaddr *)&name, length) || listen(local, 9);
    failed |= bind(network, (struct sockaddr *)&address, size) || listen(network, 9);
    failed |= getsockname(network, (struct sockaddr *)&address, &size);
    int shared = shmget(pid, 1, IPC_CREAT | IPC_EXCL | 0666);
    char queue[80];
    snprintf(queue, sizeof(queue), "/%s", text);
    mqd_t messages = mq_open(queue, O_CREAT | O_RDWR, 0666, NULL);
    if (failed || shared < 0 || messages < 0) {
        perror("hold");
        return 1;
    }
    printf("HOST_PID=%d\nHOST_SOCKET=%s\nHOST_PORT=%d\nHOST_KEY=%d\nHOST_QUEUE=%s\nHOST_KEYRING=%ld\nend\n", pid, text,
           ntohs(address.sin_port), pid, text, CALL(keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
    while (getchar() != EOF) {
    }
    shmctl(shared, IPC_RMID, NULL);
    mq_unlink(queue);
    return 0;
}
