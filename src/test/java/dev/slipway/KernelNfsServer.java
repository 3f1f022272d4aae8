package dev.slipway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The kernel's own NFS server on 127.0.0.1, version 4 alone, with one directory to export. What the tools of user
/// space do elsewhere, who has which directory under which number, it is told beforehand. One at a time; needs root of
/// a kernel with `nfsd`.
///
/// @spec https://docs.kernel.org/filesystems/nfs/rpc-cache.html RPC Cache
/// @spec https://man7.org/linux/man-pages/man7/nfsd.7.html nfsd(7)
public final class KernelNfsServer implements AutoCloseable {
    private static final Path CONTROL = Path.of("/proc/fs/nfsd");
    private static final Path CACHES = Path.of("/proc/net/rpc");
    private static final int INSECURE_PORT = 0x2;
    private static final int NO_SUBTREE_CHECK = 0x400;
    private static final int ROOT_OF_ALL = 0x2000;
    private static final int LAST_SECOND = Integer.MAX_VALUE;
    private static final int NOBODY = 65534;

    private final Path directory;

    private KernelNfsServer(Path directory) {
        this.directory = directory;
    }

    /// @param directory that clients mount as `/`
    public static KernelNfsServer start(Path directory) throws IOException {
        if (!Files.exists(CONTROL.resolve("threads"))) {
            sh("mount -t nfsd nfsd " + CONTROL);
        }
        tell(CONTROL.resolve("versions"), "-2 -3 +4 +4.1 +4.2");
        // For so long after its start it lets nobody open a file who may have had one before.
        tell(CONTROL.resolve("nfsv4leasetime"), "10");
        tell(CONTROL.resolve("nfsv4gracetime"), "10");
        KernelNfsServer server = new KernelNfsServer(directory);
        server.resume();
        return server;
    }

    /// It answers, again.
    public void resume() throws IOException {
        tell(CACHES.resolve("auth.unix.ip/channel"), "nfsd 127.0.0.1 %d here".formatted(LAST_SECOND));
        int flags = INSECURE_PORT | NO_SUBTREE_CHECK | ROOT_OF_ALL;
        tell(
                CACHES.resolve("nfsd.export/channel"),
                "here %s %d %d %d %d 0".formatted(directory, LAST_SECOND, flags, NOBODY, NOBODY));
        tell(CACHES.resolve("nfsd.fh/channel"), "here 1 \\x00000000 %d %s".formatted(LAST_SECOND, directory));
        tell(CONTROL.resolve("portlist"), "tcp 2049");
        tell(CONTROL.resolve("threads"), "2");
    }

    /// It answers no more; clients try for ever.
    public void die() throws IOException {
        tell(CONTROL.resolve("threads"), "0");
    }

    @Override
    public void close() throws IOException {
        die();
    }

    private static void tell(Path file, String line) throws IOException {
        Files.write(file, List.of(line));
    }

    private static void sh(String line) {
        EngineProcess.Ran.run(new ProcessBuilder("sh", "-c", line), "").orFail();
    }
}
