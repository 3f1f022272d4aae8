package dev.slipway.door.command;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.client.ServerRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway cp FROM TO`: copies files and directories out of a container or into it. The container needs no tar, no
/// shell and no libraries, and need not run if it is a `Container`, whose writable layer is kept.
@Command(
        name = "cp",
        description = "Copy files between a container and this host.",
        footer = {
            "%nA path in a container is NAME:/PATH. A directory that is there gets a copy inside, as with cp -r.",
            "- instead of a path of this host is a tar archive on standard input or output."
        })
public final class CopyCommand implements Callable<Integer> {
    private static final String TAR = "application/x-tar";
    /// Two blocks of zeros.
    private static final byte[] EMPTY_ARCHIVE = new byte[1024];

    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "FROM", description = "NAME:/PATH, or a path of this host, or -.")
    private String from = "";

    @Parameters(index = "1", paramLabel = "TO", description = "The other one.")
    private String to = "";

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "Which container of the pod.")
    private String container = "";

    @Option(
            names = {"-a", "--archive"},
            description = "Into a container: keep owners, instead of giving all to its root.")
    private boolean keepsOwners;

    @Override
    public Integer call() throws IOException {
        Optional<Inside> source = inside(from);
        Optional<Inside> target = inside(to);
        WrongUsageException.unless(
                source.isPresent() != target.isPresent(), "say one path as NAME:/PATH, and one of this host");
        String pod = source.or(() -> target).orElseThrow().name();
        container = PodContainer.of(connection.engine(), connection.namespace(), pod, container, System.err)
                .name();
        if (source.isPresent()) {
            take(source.get());
        } else {
            give(target.orElseThrow());
        }
        return 0;
    }

    /// A path in a container.
    private record Inside(String name, String path) {
        String parent() {
            String trimmed = path.replaceAll("/+$", "");
            return trimmed.substring(0, trimmed.lastIndexOf('/') + 1);
        }

        String last() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    private static Optional<Inside> inside(String text) {
        int colon = text.indexOf(":/");
        boolean isPath = colon <= 0 || text.substring(0, colon).contains("/");
        return isPath ? Optional.empty() : Optional.of(new Inside(text.substring(0, colon), text.substring(colon + 1)));
    }

    private void take(Inside source) throws IOException {
        if (to.equals("-")) {
            try (EngineResponse response = asked(source, "")) {
                response.orRefused().body().transferTo(System.out);
            }
            System.out.flush();
            return;
        }
        Path target = Path.of(to).toAbsolutePath().normalize();
        boolean isDirectory = Files.isDirectory(target);
        WrongUsageException.unless(isDirectory || !to.endsWith("/"), "there is no directory " + to);
        Path directory = isDirectory ? target : Objects.requireNonNull(target.getParent());
        String name = isDirectory ? "" : Objects.toString(target.getFileName());
        try (EngineResponse response = asked(source, name)) {
            InputStream body = response.orRefused().body();
            Process tar = tar(unpacking(directory));
            try (OutputStream archive = tar.getOutputStream()) {
                body.transferTo(archive);
            }
            end(tar);
        }
    }

    /// As a new file of this user would be: an image must not leave files here that are another user's, or run with
    /// the rights of one.
    static List<String> unpacking(Path directory) {
        return List.of("-x", "--no-same-owner", "--no-same-permissions", "-f", "-", "-C", directory.toString());
    }

    private EngineResponse asked(Inside source, String name) throws IOException {
        String path =
                path(source.name(), source.path(), name.isEmpty() ? List.of() : List.of("as=" + Resource.encode(name)));
        return connection.engine().send("GET", path, EngineClient.Content.accepting("*/*"));
    }

    private void give(Inside target) throws IOException {
        boolean isDirectory = isDirectory(target);
        WrongUsageException.unless(
                isDirectory || !target.path().endsWith("/") && !from.equals("-"),
                "there is no directory " + target.path() + " in the container");
        List<String> query = new ArrayList<>();
        if (!isDirectory) {
            query.add("as=" + Resource.encode(target.last()));
        }
        if (!keepsOwners) {
            query.add("owner=root");
        }
        String path = path(target.name(), isDirectory ? target.path() : target.parent(), query);
        if (from.equals("-")) {
            send(path, System.in);
            return;
        }
        Path source = Path.of(from).toAbsolutePath().normalize();
        WrongUsageException.unless(Files.exists(source), "there is no file " + from);
        Path parent = Objects.requireNonNullElse(source.getParent(), source);
        String name = source.equals(parent) ? "." : Objects.toString(source.getFileName());
        Process tar = tar(List.of("-c", "-f", "-", "-C", parent.toString(), "--", name));
        try (InputStream archive = tar.getInputStream()) {
            send(path, archive);
        } catch (IOException e) {
            tar.destroy();
            throw e;
        }
        end(tar);
    }

    /// Asks by unpacking nothing there.
    private boolean isDirectory(Inside target) throws IOException {
        try {
            connection
                    .engine()
                    .exchange(
                            "PUT",
                            path(target.name(), target.path(), List.of()),
                            EngineClient.Content.of(TAR, EMPTY_ARCHIVE));
            return true;
        } catch (ServerRefusedException e) {
            if (e.isNotFound() && !target.last().isEmpty() && !from.equals("-")) {
                return false;
            }
            throw e;
        }
    }

    private void send(String path, InputStream archive) throws IOException {
        try (EngineResponse response = connection.engine().upload("PUT", path, TAR, archive)) {
            response.orRefused().body().readAllBytes();
        }
    }

    private String path(String name, String inside, List<String> more) {
        List<String> query = new ArrayList<>(List.of("path=" + Resource.encode(inside)));
        query.add("container=" + Resource.encode(container));
        query.addAll(more);
        return Resource.PODS.object(connection.namespace(), name) + "/archive?" + String.join("&", query);
    }

    private static Process tar(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("tar"));
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("tar(1) of this host is needed", e);
        }
    }

    private static void end(Process tar) throws IOException {
        try {
            int code = tar.waitFor();
            if (code != 0) {
                throw new IOException("tar ended with exit code " + code);
            }
        } catch (InterruptedException e) {
            tar.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
