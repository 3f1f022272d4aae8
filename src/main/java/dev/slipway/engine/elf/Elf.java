package dev.slipway.engine.elf;

import java.util.List;

/// What an ELF file says about what it needs to run.
///
/// @param wide 64 bits
/// @param machine as the `EM_` constants have it
/// @param interpreter the loader, as a path; empty where there is none
/// @param needed names of libraries
/// @param rpath where to look for them, also for those that they need
/// @param runpath where to look for them, and for nothing else; where it is there, `rpath` does not count
/// @spec https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html ELF: Dynamic Linking
public record Elf(
        boolean wide, int machine, String interpreter, List<String> needed, List<String> rpath, List<String> runpath) {
    public Elf {
        needed = List.copyOf(needed);
        rpath = List.copyOf(rpath);
        runpath = List.copyOf(runpath);
    }

    /// Whether both can be in one process.
    public boolean fits(Elf library) {
        return wide == library.wide && machine == library.machine;
    }
}
