package dev.slipway.engine.linux;

import java.util.Optional;
import jnr.ffi.Pointer;

/// The size of a terminal's window, in characters.
///
/// @spec https://man7.org/linux/man-pages/man2/TIOCGWINSZ.2const.html TIOCGWINSZ(2const)
public record WindowSize(int rows, int columns) {
    private static final long TIOCGWINSZ = 0x5413;

    /// Empty when the descriptor is no terminal, or one that does not know its size.
    ///
    /// @param descriptor an open descriptor of this process, for instance 1
    public static Optional<WindowSize> of(int descriptor) {
        Pointer winsize = Syscalls.buffer(8);
        long result = Syscalls.tryCall(SyscallNumber.IOCTL, descriptor, TIOCGWINSZ, winsize.address());
        int rows = winsize.getShort(0) & 0xffff;
        int columns = winsize.getShort(2) & 0xffff;
        return result < 0 || columns == 0 ? Optional.empty() : Optional.of(new WindowSize(rows, columns));
    }
}
