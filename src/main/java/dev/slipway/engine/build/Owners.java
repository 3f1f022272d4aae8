package dev.slipway.engine.build;

import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.ImageUsers;
import dev.slipway.engine.tree.FileOwner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads whom copied files shall belong to.
///
/// @spec https://docs.docker.com/reference/dockerfile/#copy---chown---chmod Docker: COPY --chown
final class Owners {
    private static final Pattern NUMBERS = Pattern.compile("([0-9]{1,10})(?::([0-9]{1,10}))?");

    private Owners() {}

    /// @param text empty for nobody else than the files have, `uid`, `name`, `uid:gid` or `name:group`; without a
    ///     group, that of the same number
    /// @param lowers the layers that know the names, topmost first
    static @Nullable FileOwner resolve(String text, List<Path> lowers) throws IOException {
        if (text.isEmpty()) {
            return null;
        }
        Matcher numbers = NUMBERS.matcher(text);
        if (numbers.matches()) {
            long uid = Long.parseLong(numbers.group(1));
            return new FileOwner(uid, numbers.group(2) == null ? uid : Long.parseLong(numbers.group(2)));
        }
        FileOwner owner = ofUser(text, lowers);
        return text.contains(":") ? owner : new FileOwner(owner.uid(), owner.uid());
    }

    /// Whom files belong to that a program of a user of the image makes.
    ///
    /// @param user as in [dev.slipway.engine.oci.RunParameters]
    static FileOwner ofUser(String user, List<Path> lowers) throws IOException {
        if (user.isEmpty()) {
            return FileOwner.ROOT;
        }
        try {
            Identity identity = ImageUsers.of(lowers).resolve(user).identity();
            return new FileOwner(Integer.toUnsignedLong(identity.uid()), Integer.toUnsignedLong(identity.gid()));
        } catch (IllegalArgumentException e) {
            throw new IOException("owner %s: %s".formatted(user, e.getMessage()), e);
        }
    }
}
