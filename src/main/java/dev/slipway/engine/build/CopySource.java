package dev.slipway.engine.build;

/// Where a copy step takes files from.
public sealed interface CopySource {
    /// For messages: empty, or with a space at the end.
    String words();

    /// A directory of this host; no link leads out of it, and its `.dockerignore` counts.
    ///
    /// @param directory absolute path
    record Context(String directory) implements CopySource {
        @Override
        public String words() {
            return "";
        }
    }

    /// The files that another image, or an earlier stage, shows.
    record Image(StageOrigin image) implements CopySource {
        @Override
        public String words() {
            return "from " + image.words() + " ";
        }
    }
}
