package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import jnr.ffi.Pointer;

/// A conversation with one part of the kernel's network stack, in the network namespace of the thread that opened it,
/// wherever it is used later. Safe for many threads: one exchange at a time.
///
/// @spec https://man7.org/linux/man-pages/man7/netlink.7.html netlink(7)
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int ERROR_BYTES = 4 + NetlinkMessage.HEADER_BYTES;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int SECONDS_TO_ANSWER = 10;
    private static final int POLLFD_BYTES = 8;
    private static final int TIMESPEC_BYTES = 16;
    private static final short POLLIN = 1;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int DUMP_ATTEMPTS = 5;

    private final Fd socket;
    private final Pointer buffer = Syscalls.buffer(BUFFER_BYTES);
    private final ReentrantLock lock = new ReentrantLock();
    private int sequence;

    private NetlinkSocket(Fd socket) {
        this.socket = socket;
    }

    /// Links, addresses, routes.
    public static NetlinkSocket route() throws LinuxException {
        return open(0, 0);
    }

    /// Packet filter and connection tracking.
    public static NetlinkSocket netfilter() throws LinuxException {
        return open(12, 0);
    }

    /// Hears of changes of links and of the kernel's network parameters.
    public static NetlinkSocket routeChanges() throws LinuxException {
        // RTNLGRP_LINK 1, RTNLGRP_IPV4_IFADDR 5, RTNLGRP_IPV4_NETCONF 24
        return open(0, 1 | 1 << 4 | 1 << 23);
    }

    /// Hears of changes of packet rules.
    public static NetlinkSocket netfilterChanges() throws LinuxException {
        // NFNLGRP_NFTABLES 7
        return open(12, 1 << 6);
    }

    private static NetlinkSocket open(int protocol, int groups) throws LinuxException {
        NetlinkSocket opened = new NetlinkSocket(new Fd((int) Syscalls.call(
                SyscallNumber.SOCKET, "netlink " + protocol, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)));
        try {
            opened.configure(groups);
            return opened;
        } catch (LinuxException e) {
            opened.close();
            throw e;
        }
    }

    private void configure(int groups) throws LinuxException {
        Pointer address = Syscalls.buffer(12);
        address.putShort(0, (short) AF_NETLINK);
        address.putInt(8, groups);
        Syscalls.call(SyscallNumber.BIND, "netlink", socket.number(), address.address(), 12);
        Reference.reachabilityFence(address);
        Pointer timeout = Syscalls.buffer(16);
        timeout.putLong(0, SECONDS_TO_ANSWER);
        option(SOL_SOCKET, SO_RCVTIMEO, timeout, 16);
        Pointer on = Syscalls.buffer(4);
        on.putInt(0, 1);
        option(SOL_NETLINK, NETLINK_CAP_ACK, on, 4);
        option(SOL_NETLINK, NETLINK_EXT_ACK, on, 4);
        option(SOL_NETLINK, NETLINK_GET_STRICT_CHK, on, 4);
    }

    private void option(int level, int name, Pointer value, int size) throws LinuxException {
        Syscalls.call(SyscallNumber.SETSOCKOPT, "netlink", socket.number(), level, name, value.address(), size);
        Reference.reachabilityFence(value);
    }

    /// Sends messages in one go and waits until each that wants one has its answer.
    ///
    /// @return objects that came as answers
    /// @throws LinuxException for the first message that the kernel refused, with its words
    public List<NetlinkReply> exchange(List<NetlinkMessage> messages) throws LinuxException {
        lock.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                Answers answers = new Answers(messages);
                send(answers);
                while (!answers.complete()) {
                    read(receive(0, answers.first()), answers);
                }
                answers.throwRefusal();
                if (!answers.changedMeanwhile || attempt == DUMP_ATTEMPTS) {
                    return answers.replies;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    public List<NetlinkReply> exchange(NetlinkMessage message) throws LinuxException {
        return exchange(List.of(message));
    }

    /// Whether anything has been heard of since the last call; never waits.
    public boolean drain() throws LinuxException {
        return drain(change -> true);
    }

    /// Whether anything that is one of `changes` has been heard of since the last call; never waits.
    public boolean drain(Predicate<NetlinkReply> changes) throws LinuxException {
        lock.lock();
        try {
            boolean[] heard = {false};
            while (true) {
                long result = Syscalls.tryCall(
                        SyscallNumber.RECVFROM, socket.number(), buffer.address(), BUFFER_BYTES, MSG_DONTWAIT, 0, 0);
                if (result == -Errno.EAGAIN.number()) {
                    return heard[0];
                } else if (result > 0) {
                    read(received((int) result), (sequence, flags, reply) -> heard[0] |= changes.test(reply));
                } else if (result == -Errno.ENOBUFS.number()) {
                    // More was said than we could hear, which is as good as anything.
                    heard[0] = true;
                } else if (result != -Errno.EINTR.number()) {
                    throw new LinuxException((int) -result, "recvfrom", "netlink");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until one of `sockets` has heard of something; [#drain] takes it.
    ///
    /// @return false when `limit` is over before, or a signal came
    public static boolean awaitChange(List<NetlinkSocket> sockets, Duration limit) throws LinuxException {
        Pointer memory = Syscalls.buffer(POLLFD_BYTES * sockets.size() + TIMESPEC_BYTES);
        for (int i = 0; i < sockets.size(); i++) {
            memory.putInt((long) POLLFD_BYTES * i, sockets.get(i).socket.number());
            memory.putShort((long) POLLFD_BYTES * i + 4, POLLIN);
        }
        long time = (long) POLLFD_BYTES * sockets.size();
        memory.putLong(time, limit.toSeconds());
        memory.putLong(time + 8, limit.toNanosPart());
        long result =
                Syscalls.tryCall(SyscallNumber.PPOLL, memory.address(), sockets.size(), memory.address() + time, 0, 0);
        Reference.reachabilityFence(memory);
        if (result < 0 && result != -Errno.EINTR.number()) {
            throw new LinuxException((int) -result, "ppoll", "netlink");
        }
        return result > 0;
    }

    private void send(Answers answers) throws LinuxException {
        int length = 0;
        for (NetlinkMessage message : answers.messages) {
            answers.await(++sequence, message);
            byte[] bytes = message.encode(sequence);
            if (length + bytes.length > BUFFER_BYTES) {
                throw new LinuxException(Errno.E2BIG.number(), "sendto", message.toString());
            }
            buffer.put(length, bytes, 0, bytes.length);
            length += bytes.length;
        }
        Syscalls.call(SyscallNumber.SENDTO, answers.first(), socket.number(), buffer.address(), length, 0, 0, 0);
    }

    private ByteBuffer receive(int flags, String subject) throws LinuxException {
        return received((int) Syscalls.call(
                SyscallNumber.RECVFROM, subject, socket.number(), buffer.address(), BUFFER_BYTES, flags, 0, 0));
    }

    private ByteBuffer received(int length) {
        byte[] bytes = new byte[length];
        buffer.get(0, bytes, 0, length);
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    /// Takes one message of the kernel's.
    private interface Hearer {
        void take(int sequence, int flags, NetlinkReply reply);
    }

    private static void read(ByteBuffer datagram, Hearer hearer) {
        for (int at = 0; at + NetlinkMessage.HEADER_BYTES <= datagram.limit(); ) {
            int length = datagram.getInt(at);
            int type = Short.toUnsignedInt(datagram.getShort(at + 4));
            int flags = datagram.getShort(at + 6);
            byte[] body = new byte[length - NetlinkMessage.HEADER_BYTES];
            datagram.get(at + NetlinkMessage.HEADER_BYTES, body);
            hearer.take(datagram.getInt(at + 8), flags, new NetlinkReply(type, body));
            at += length + 3 & ~3;
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    /// What has been answered so far.
    private static final class Answers implements Hearer {
        private final List<NetlinkMessage> messages;
        private final Map<Integer, NetlinkMessage> sent = new HashMap<>();
        private final Map<Integer, NetlinkMessage> open = new HashMap<>();
        private final List<NetlinkReply> replies = new ArrayList<>();
        private final List<LinuxException> refusals = new ArrayList<>();
        private boolean changedMeanwhile;

        Answers(List<NetlinkMessage> messages) {
            this.messages = messages;
        }

        void await(int sequence, NetlinkMessage message) {
            sent.put(sequence, message);
            if (message.wantsAnswer()) {
                open.put(sequence, message);
            }
        }

        boolean complete() {
            return open.isEmpty();
        }

        String first() {
            return messages.getFirst().toString();
        }

        /// Answers to earlier exchanges, given up after a timeout, are passed over.
        @Override
        public void take(int sequence, int flags, NetlinkReply reply) {
            NetlinkMessage message = sent.get(sequence);
            if (message == null) {
                return;
            }
            changedMeanwhile |= (flags & NLM_F_DUMP_INTR) != 0;
            if (reply.type() == NLMSG_ERROR) {
                end(sequence, message, -reply.u32(0), detail(flags, reply));
            } else if (reply.type() == NLMSG_DONE) {
                end(sequence, message, reply.body().length >= 4 ? -reply.u32(0) : 0, "");
            } else {
                replies.add(reply);
            }
        }

        private void end(int sequence, NetlinkMessage message, int errno, String detail) {
            // A refusal of a message that wants no answer is that of the frame around a batch: no more will come.
            if (open.remove(sequence) == null) {
                open.clear();
            }
            if (errno != 0) {
                String[] words = message.toString().split(" ", 2);
                refusals.add(new LinuxException(errno, words[0], words[1] + detail));
            }
        }

        private static String detail(int flags, NetlinkReply reply) {
            if ((flags & NLM_F_ACK_TLVS) == 0 || reply.body().length <= ERROR_BYTES) {
                return "";
            }
            return reply.attributes(ERROR_BYTES)
                    .bytes(NLMSGERR_ATTR_MSG)
                    .map(text -> " (" + new String(text, StandardCharsets.UTF_8).replace("\0", "") + ")")
                    .orElse("");
        }

        void throwRefusal() throws LinuxException {
            if (!refusals.isEmpty()) {
                throw refusals.getFirst();
            }
        }
    }
}
