package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.WrongUsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway image`: images as files.
@Command(
        name = "image",
        description = "Write an image to a file, or take one from a file.",
        subcommands = {ImageCommand.Save.class, ImageCommand.Load.class})
final class ImageCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new WrongUsageException("say what to do: slipway image save|load NAME");
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

    /// `slipway image load NAME -f FILE`: declares an Image that is taken from the file.
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
            applied.apply(object, "");
            System.out.println(applied.words(object) + " applied");
            return 0;
        }
    }
}
