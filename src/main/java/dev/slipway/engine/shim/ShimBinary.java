package dev.slipway.engine.shim;

import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.plan.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The shim's program, which travels in the jar.
///
/// It is executed through a view that cannot be written: a container that makes a shim execute itself, by naming
/// `/proc/self/exe` as its program, gets hold of nothing that other containers run by.
///
/// @param file for people, who see it in ps(1)
/// @param view what is executed
record ShimBinary(Path file, Fd view) implements AutoCloseable {
    static ShimBinary open(Path bin) throws IOException {
        Path file = place(bin);
        return new ShimBinary(file, Mounts.guardedProgram(file));
    }

    @Override
    public void close() {
        view.close();
    }

    /// Writes it to `<bin>/shim-<sha256>` unless it is there: shims of an earlier engine run on from the file that
    /// they were started from.
    private static Path place(Path bin) throws IOException {
        byte[] program = program();
        Files.createDirectories(
                bin, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = bin.resolve("shim-" + sha256(program));
        if (Files.exists(file)) {
            return file;
        }
        Path aside = Files.createTempFile(bin, ".shim", "");
        try {
            Files.write(aside, program);
            Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("r-x------"));
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            Files.delete(aside);
        }
        return file;
    }

    private static byte[] program() throws IOException {
        String name = "/shim/slipway-shim-" + Architecture.ofHost().machine();
        try (InputStream in = ShimBinary.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the jar has no " + name);
            }
            return in.readAllBytes();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
