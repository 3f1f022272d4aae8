package dev.slipway.engine.linux;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/// Runs what changes the thread it runs on: namespaces belong to threads, so such a thread must end afterwards.
///
/// A thread is born into the namespaces of the one that starts it, and who wakes a virtual thread may have to start a
/// carrier for it. So the thread wakes nobody: another one, which has changed nothing, waits for its end and passes on
/// what came of it. For the same reason a task must neither start nor wake a thread.
public final class ThreadOfItsOwn {
    static {
        // With the first native memory its library starts a thread: it is not to be born on one of these.
        Syscalls.buffer(1);
    }

    private static final int PR_SET_SECUREBITS = 28;
    private static final int NO_SETUID_FIXUP = 4;

    private ThreadOfItsOwn() {}

    /// Runs `task` so that files which it makes belong to another user and group, at first: in a file system of a
    /// user namespace the host's root has no id. All rights stay.
    ///
    /// @param owner as the host counts
    /// @spec https://man7.org/linux/man-pages/man2/setfsuid.2.html setfsuid(2)
    public static <T> T makingFilesFor(int owner, Callable<T> task) throws IOException {
        return run("files", () -> {
            Syscalls.call(SyscallNumber.PRCTL, "keep capabilities when ids change", PR_SET_SECUREBITS, NO_SETUID_FIXUP);
            long before = Syscalls.tryCall(SyscallNumber.SETFSGID, owner);
            before |= Syscalls.tryCall(SyscallNumber.SETFSUID, owner);
            if (before < 0 || Syscalls.tryCall(SyscallNumber.SETFSUID, -1) != owner) {
                throw new LinuxException(Errno.EPERM.number(), "setfsuid", "user " + owner);
            }
            return task.call();
        });
    }

    /// Runs `task` on a platform thread, which may be held in the kernel for as long as a dead server does not
    /// answer; who waits for it may stop waiting. The task may wake others, and changes nothing of its thread.
    public static <T> Future<T> begin(String name, Callable<T> task) {
        FutureTask<T> work = new FutureTask<>(task);
        Thread.ofPlatform().name(name).daemon().start(work);
        return work;
    }

    /// Runs `task` on a platform thread and waits. An interrupt does not end the wait: the calls are short, and
    /// what they have opened must not be lost.
    static <T> T run(String name, Callable<T> task) throws IOException {
        FutureTask<T> work = new FutureTask<>(task);
        FutureTask<T> future = new FutureTask<>(() -> {
            Thread own = Thread.ofPlatform().name(name).start(work);
            own.join();
            return work.get();
        });
        Thread.ofPlatform().name(name + "-witness").start(future);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unwrapped(cause(cause(e)));
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// What the witness found is in what it says.
    private static Throwable cause(Throwable failure) {
        return failure instanceof ExecutionException ? Objects.requireNonNull(failure.getCause()) : failure;
    }

    private static IOException unwrapped(Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> new IOException(cause);
        };
    }
}
