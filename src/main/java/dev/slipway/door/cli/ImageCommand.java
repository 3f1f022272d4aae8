package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ByteAmounts;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.Settling;
import dev.slipway.door.command.WrongUsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway image`: images as files, and on their way to registries.
@Command(
        name = "image",
        description = "Write an image to a file, take one from a file, or push one to a registry.",
        subcommands = {ImageCommand.Save.class, ImageCommand.Load.class, ImageCommand.Push.class})
final class ImageCommand implements Callable<Integer> {
    private static final Resource IMAGES = new Resource("slipway.dev", "v1alpha1", "images", "Image", false);

    @Override
    public Integer call() {
        throw new WrongUsageException("say what to do: slipway image save|load|push NAME");
    }

    /// `slipway image save NAME`: its content, as a tar.
    @Command(name = "save", description = "Write an image as a tar.", mixinStandardHelpOptions = true)
    static final class Save implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NAME", description = "An Image.")
        private String name = "";

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "Where to; default: standard output.")
        private String file = "";

        @Option(names = "--format", paramLabel = "FORMAT", description = "oci-layout (default) or docker-archive.")
        private String format = "oci-layout";

        @Override
        public Integer call() throws IOException {
            WrongUsageException.unless(
                    List.of("oci-layout", "docker-archive").contains(format),
                    "--format must be oci-layout or docker-archive, not " + format);
            String path = "/apis/slipway.dev/v1alpha1/images/%s/archive?format=%s"
                    .formatted(Resource.encode(name), Resource.encode(format));
            EngineClient.Content any = EngineClient.Content.accepting("*/*");
            try (EngineResponse response = connection.engine().send("GET", path, any)) {
                InputStream archive = response.orRefused().body();
                if (file.isEmpty()) {
                    archive.transferTo(System.out);
                } else {
                    write(archive, Path.of(file));
                }
            }
            return 0;
        }

        /// What came only in part is no image.
        private static void write(InputStream archive, Path file) throws IOException {
            boolean whole = false;
            try (OutputStream out = Files.newOutputStream(file)) {
                archive.transferTo(out);
                whole = true;
            } finally {
                if (!whole) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /// `slipway image load NAME -f FILE`: declares an Image that is taken from the file, and says what has come of it.
    @Command(name = "load", description = "Take an image from a file.", mixinStandardHelpOptions = true)
    static final class Load implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NAME", description = "What the Image shall be called.")
        private String name = "";

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                required = true,
                description = "A file of this host, or the directory of an OCI layout.")
        private Path file = Path.of("");

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description = "oci-layout (default), docker-archive or rootfs-tar.")
        private String format = "oci-layout";

        @Option(names = "--no-wait", description = "Leave once it is declared; its status says what becomes of it.")
        private boolean noWait;

        @Override
        public Integer call() throws IOException {
            if (!Files.exists(file)) {
                throw new WrongUsageException("there is no file " + file);
            }
            ObjectNode image = ObjectCodec.json().createObjectNode();
            image.put("apiVersion", "slipway.dev/v1alpha1").put("kind", "Image");
            image.putObject("metadata").put("name", name);
            image.putObject("spec")
                    .putObject("source")
                    .putObject("import")
                    .put("path", file.toAbsolutePath().normalize().toString())
                    .put("format", format);
            EngineClient engine = connection.engine();
            Applied applied = new Applied(engine, Resources.discover(engine), "");
            ApiObject object = ApiObject.of(image);
            long before = generation(applied.live(object));
            JsonNode declared = applied.apply(object, "");
            if (noWait) {
                System.out.println(applied.words(object) + " applied");
                return 0;
            }
            boolean isKnown = before == generation(declared) && Settling.of(declared) instanceof Settling.Ready;
            JsonNode ready = Settling.await(engine, IMAGES, declared);
            System.out.println("%s %s %s"
                    .formatted(
                            applied.words(object),
                            isKnown ? "was loaded before:" : "loaded:",
                            ready.path("status").path("digest").asText()));
            if (isKnown) {
                System.err.println("The file is not read again. To take it anew: slipway delete image %s, then load it"
                        .formatted(name));
            }
            return 0;
        }

        private static long generation(JsonNode object) {
            return object.path("metadata").path("generation").asLong();
        }
    }

    /// `slipway image push NAME DESTINATION`: sends an image to a registry now, as a Tag with `spec.push` does whenever
    /// it moves.
    @Command(name = "push", description = "Send an image to a registry.", mixinStandardHelpOptions = true)
    static final class Push implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Parameters(index = "0", paramLabel = "NAME", description = "An Image, or what an image is called here.")
        private String name = "";

        @Parameters(
                index = "1",
                paramLabel = "DESTINATION",
                description = "HOST/PATH[:TAG]; the Registry of that host has the credentials.")
        private String destination = "";

        @Option(
                names = {"-q", "--quiet"},
                description = "Only the digest in the end.")
        private boolean quiet;

        @Override
        public Integer call() throws IOException {
            String path = "/apis/slipway.dev/v1alpha1/images/%s/push?to=%s"
                    .formatted(Resource.encode(name), Resource.encode(destination));
            EngineClient.Content any = EngineClient.Content.accepting("*/*");
            try (EngineResponse response = connection.engine().send("POST", path, any);
                    BufferedReader lines = new BufferedReader(
                            new InputStreamReader(response.orRefused().body(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    JsonNode told = ObjectCodec.json().readTree(line);
                    if (told.has("failure")) {
                        throw new IOException(told.path("failure").asText());
                    }
                    if (told.has("digest")) {
                        System.out.println(told.path("reference").asText() + "@"
                                + told.path("digest").asText());
                        return 0;
                    }
                    progress(told);
                }
            }
            throw new IOException("the engine ended before the image was pushed");
        }

        private void progress(JsonNode told) {
            if (quiet) {
                return;
            }
            String size = ByteAmounts.text(told.path("bytes").asLong());
            System.err.println(
                    told.has("blobs")
                            ? "pushing %d blobs, %s"
                                    .formatted(told.path("blobs").asInt(), size)
                            : "%s  %s, %s"
                                    .formatted(
                                            told.path("blob").asText(),
                                            size,
                                            told.path("state").asText()));
        }
    }
}
