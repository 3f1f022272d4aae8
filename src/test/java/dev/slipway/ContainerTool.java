package dev.slipway;

/// Something that containers can be started with, in the benchmarks.
interface ContainerTool {
    /// What a container can be asked for, in the order of its life.
    enum Deed {
        START("start, until it is said to run"),
        EXEC("exec, until its exit code is known"),
        PAUSE("pause"),
        RESUME("resume"),
        STOP("stop of a process that ends at SIGTERM"),
        DELETE("delete what has ended");

        private final String title;

        Deed(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    String title();

    /// Returns when it is done.
    void perform(Deed deed, String container) throws Exception;
}
