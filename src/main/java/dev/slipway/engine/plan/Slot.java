package dev.slipway.engine.plan;

/// A number that one step leaves for later ones: a register of the shim.
///
/// @param number of the register
/// @param name for people
record Slot(int number, String name) {
    /// The process' end of its stdin pipe.
    static final Slot STDIN = new Slot(0, "stdin");
    static final Slot STDOUT = new Slot(1, "stdout");
    static final Slot STDERR = new Slot(2, "stderr");
    /// The first that is free for plans.
    static final int FIRST = 3;
    /// How many there are.
    static final int LIMIT = 4096;

    @Override
    public String toString() {
        return "$" + name;
    }
}
