package dev.slipway.door.session;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/// The keys by which a user leaves a process alone again, and what was typed of them so far. What turns out to be
/// something else is passed on with the key that shows it.
public final class DetachKeys {
    /// What Docker and Podman have.
    public static final String STANDARD = "ctrl-p,ctrl-q";

    /// Of who cannot type them, or shall not leave.
    public static final DetachKeys NONE = parse("");

    private static final String CONTROL = "ctrl-";

    private final byte[] keys;
    /// Always less than `keys.length`, but for no keys.
    private int typed;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /// @param text characters, or `ctrl-` with one of `a` to `z`, `@`, `[`, `\`, `]`, `^` and `_`, separated by commas;
    ///     empty for none
    /// @throws IllegalArgumentException when it is something else
    public static DetachKeys parse(String text) {
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        for (String key : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            keys.write(key(key));
        }
        return new DetachKeys(keys.toByteArray());
    }

    private static int key(String text) {
        boolean isControl = text.startsWith(CONTROL) && text.length() == CONTROL.length() + 1;
        int key = isControl
                ? Character.toUpperCase(text.charAt(CONTROL.length())) - '@'
                : text.length() == 1 ? text.charAt(0) : -1;
        if (key < 0 || key > (isControl ? 0x1f : 0x7e)) {
            throw new IllegalArgumentException(
                    "not like ctrl-p,ctrl-q: %s".formatted(text.isEmpty() ? "a key is missing" : text));
        }
        return key;
    }

    /// What is to be passed on of the first `count` bytes of what was read; empty when the keys are complete.
    Optional<byte[]> passed(byte[] read, int count) {
        ByteArrayOutputStream passed = new ByteArrayOutputStream(count + typed);
        for (int i = 0; i < count; i++) {
            if (typed > 0 && read[i] != keys[typed]) {
                passed.write(keys, 0, typed);
                typed = 0;
            }
            if (typed == keys.length || read[i] != keys[typed]) {
                passed.write(read[i]);
            } else if (++typed == keys.length) {
                return Optional.empty();
            }
        }
        return Optional.of(passed.toByteArray());
    }
}
