package dev.slipway.engine.build;

/// What a stage starts from.
public sealed interface StageOrigin {
    String words();

    /// No layer, no parameters.
    record Scratch() implements StageOrigin {
        @Override
        public String words() {
            return "scratch";
        }
    }

    /// @param name by which [BuildRequest#images] knows it
    record Image(String name) implements StageOrigin {
        @Override
        public String words() {
            return name;
        }
    }

    /// An earlier stage of the same build.
    ///
    /// @param number from 0
    record Stage(int number, String name) implements StageOrigin {
        @Override
        public String words() {
            return name;
        }
    }
}
