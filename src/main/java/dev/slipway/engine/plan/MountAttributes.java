package dev.slipway.engine.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// What mount_setattr(2) changes about a mount.
///
/// @param propagation `MS_PRIVATE`, or 0 to leave it
/// @param userNamespace number of the descriptor of a user namespace whose ids it gets, 0 to leave them
/// @spec https://man7.org/linux/man-pages/man2/mount_setattr.2.html mount_setattr(2)
record MountAttributes(boolean readOnly, boolean noDevices, long propagation, int userNamespace) {
    static final MountAttributes READ_ONLY = new MountAttributes(true, false, 0);
    static final int BYTES = 32;
    private static final long MOUNT_ATTR_IDMAP = 0x00100000;
    private static final long MOUNT_ATTR_RDONLY = 1;
    private static final long MOUNT_ATTR_NODEV = 4;

    MountAttributes(boolean readOnly, boolean noDevices, long propagation) {
        this(readOnly, noDevices, propagation, 0);
    }

    boolean changesNothing() {
        return !readOnly && !noDevices && propagation == 0 && userNamespace == 0;
    }

    /// A `struct mount_attr`.
    Argument argument() {
        long set = (readOnly ? MOUNT_ATTR_RDONLY : 0)
                | (noDevices ? MOUNT_ATTR_NODEV : 0)
                | (userNamespace > 0 ? MOUNT_ATTR_IDMAP : 0);
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(set)
                .putLong(0)
                .putLong(propagation)
                .putLong(userNamespace)
                .array();
        return new Argument.Bytes(bytes, toString());
    }

    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        if (readOnly) {
            words.add("ro");
        }
        if (noDevices) {
            words.add("nodev");
        }
        if (userNamespace > 0) {
            words.add("ids of " + userNamespace);
        }
        if (propagation != 0) {
            words.add("private");
        }
        return "{" + String.join("|", words) + "}";
    }
}
