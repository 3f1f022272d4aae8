package dev.slipway.door.gitops;

import java.io.IOException;
import java.nio.file.Path;

/// The manifests that the engine brings along: applied once at each start, never pruned. What is as it should be is not
/// written again.
///
/// CustomResourceDefinitions among them are for editors and for clusters; the engine has its kinds built in.
public final class StockManifests {
    private static final String MANAGER = "engine";
    private static final String DEFINITION = "CustomResourceDefinition";

    private StockManifests() {}

    /// @param directory `manifests` of the distribution
    /// @throws IOException when it cannot be read, or when a file of it is not acceptable: then the engine is not
    /// whole
    public static void apply(Path directory, Applier applier) throws IOException {
        for (ManifestFile file : DirectoryTree.read(directory, folder -> {})) {
            switch (file) {
                case ManifestFile.Bad bad ->
                    throw broken(directory, bad.path(), bad.problem().message());
                case ManifestFile.Good good -> {
                    for (Declaration declaration : good.declarations()) {
                        apply(directory, declaration, applier);
                    }
                }
            }
        }
    }

    private static void apply(Path directory, Declaration declaration, Applier applier) throws IOException {
        if (declaration.object().kind().equals(DEFINITION)) {
            return;
        }
        if (applier.keyOf(declaration.object()).isEmpty()) {
            throw broken(
                    directory,
                    declaration.file(),
                    "unknown kind " + declaration.object().kind());
        }
        switch (applier.apply(declaration.object(), MANAGER)) {
            case ApplyOutcome.Applied applied -> {}
            case ApplyOutcome.Refused refused -> throw broken(directory, declaration.file(), refused.message());
            case ApplyOutcome.Failed failed -> throw broken(directory, declaration.file(), failed.message());
        }
    }

    private static IOException broken(Path directory, String file, String why) {
        return new IOException("apply %s: %s".formatted(directory.resolve(file), why));
    }
}
