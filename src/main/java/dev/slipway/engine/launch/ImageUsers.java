package dev.slipway.engine.launch;

import dev.slipway.engine.linux.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Who a user of an image is, by the `/etc/passwd` and `/etc/group` in its layers. The files are the image's, so they
/// are read by descriptor inside the layers, only if regular, and only up to 10 MiB.
///
/// The rules are Docker's, with one difference: an entry whose number is no number, or out of range, is nobody. There
/// it may become root.
///
/// @spec https://man7.org/linux/man-pages/man5/passwd.5.html passwd(5)
/// @spec https://man7.org/linux/man-pages/man5/group.5.html group(5)
public final class ImageUsers {
    private static final String PASSWD = "/etc/passwd";
    private static final String GROUP = "/etc/group";
    private static final int LARGEST_FILE = 10 << 20;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");
    /// The kernel's NGROUPS_MAX.
    private static final int MOST_GROUPS = 65536;

    private final String passwd;
    private final String group;

    private ImageUsers(String passwd, String group) {
        this.passwd = passwd;
        this.group = group;
    }

    /// @param lowers layer directories, topmost first
    /// @throws IOException when one of the files is not what it should be; that it is missing is fine
    public static ImageUsers of(List<Path> lowers) throws IOException {
        try (LayeredFiles files = LayeredFiles.open(lowers)) {
            return new ImageUsers(text(files, PASSWD), text(files, GROUP));
        }
    }

    /// Those of a file system that is there as a whole, a container's root for instance.
    static ImageUsers in(Fd root) throws IOException {
        try (LayeredFiles files = LayeredFiles.of(root)) {
            return new ImageUsers(text(files, PASSWD), text(files, GROUP));
        }
    }

    private static String text(LayeredFiles files, String path) throws IOException {
        return files.read(path, LARGEST_FILE)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("");
    }

    /// Resolves `user`, `user:group`, `uid` or `uid:gid` of an image or manifest; empty means root. The group is
    /// the user's own, and so are the supplementary groups, unless one is given. A number needs no entry.
    ///
    /// @throws IllegalArgumentException when a name is unknown or a number is out of range; the message names it
    public Resolved resolve(String user) {
        int colon = user.indexOf(':');
        String who = colon < 0 ? user : user.substring(0, colon);
        String group = colon < 0 ? "" : user.substring(colon + 1);
        return who.isEmpty() || NUMBER.matcher(who).matches()
                ? numbered(who.isEmpty() ? 0 : number("uid", who), group)
                : named(who, group);
    }

    /// @param home directory of the user's entry, if it has one
    public record Resolved(Identity identity, Optional<String> home) {}

    private Resolved numbered(int uid, String group) {
        return users(user -> inRange(user.uid).equals(OptionalInt.of(uid)))
                .map(user -> resolved(user, uid, group))
                .orElseGet(() ->
                        new Resolved(new Identity(uid, group.isEmpty() ? 0 : gid(group), List.of()), Optional.empty()));
    }

    private Resolved named(String name, String group) {
        User user = users(each -> each.name.equals(name))
                .orElseThrow(() -> new IllegalArgumentException(
                        "unable to find user %s: no matching entries in %s of the image".formatted(name, PASSWD)));
        return resolved(user, number("uid of user " + name, user.uid), group);
    }

    private Resolved resolved(User user, int uid, String group) {
        Optional<String> home = Optional.of(user.home).filter(directory -> !directory.isEmpty());
        if (!group.isEmpty()) {
            return new Resolved(new Identity(uid, gid(group), List.of()), home);
        }
        int gid = number("gid of user " + user.name, user.gid);
        return new Resolved(new Identity(uid, gid, supplementary(user.name, gid)), home);
    }

    private int gid(String group) {
        if (NUMBER.matcher(group).matches()) {
            return number("gid", group);
        }
        return groups().filter(each -> each.name.equals(group))
                .findFirst()
                .map(each -> number("gid of group " + group, each.gid))
                .orElseThrow(() -> new IllegalArgumentException(
                        "unable to find group %s: no matching entries in %s of the image".formatted(group, GROUP)));
    }

    private List<Integer> supplementary(String user, int own) {
        Set<Integer> gids = new LinkedHashSet<>();
        groups().filter(group -> group.members.contains(user))
                .forEach(group -> inRange(group.gid).ifPresent(gids::add));
        gids.remove(own);
        if (gids.size() > MOST_GROUPS) {
            throw new IllegalArgumentException(
                    "user %s is in more than %d groups by %s of the image".formatted(user, MOST_GROUPS, GROUP));
        }
        return List.copyOf(gids);
    }

    private static int number(String what, String text) {
        return inRange(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "%s is not from 0 to %d: %s".formatted(what, Integer.MAX_VALUE, text)));
    }

    /// The number, unless it is none or would not fit: what does not fit must not wrap around to root.
    private static OptionalInt inRange(String text) {
        try {
            int number = Integer.parseInt(text);
            return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /// A line of `/etc/passwd`.
    private record User(String name, String uid, String gid, String home) {}

    /// A line of `/etc/group`.
    private record Group(String name, String gid, List<String> members) {}

    private Optional<User> users(Predicate<User> wanted) {
        return entries(passwd)
                .map(fields -> new User(field(fields, 0), field(fields, 2), field(fields, 3), field(fields, 5)))
                .filter(wanted)
                .findFirst();
    }

    private Stream<Group> groups() {
        return entries(group)
                .map(fields -> new Group(
                        field(fields, 0),
                        field(fields, 2),
                        Arrays.asList(field(fields, 3).split(","))));
    }

    private static Stream<String[]> entries(String file) {
        return file.lines().map(line -> line.strip().split(":")).filter(fields -> !field(fields, 0)
                .isEmpty());
    }

    private static String field(String[] fields, int index) {
        return index < fields.length ? fields[index] : "";
    }
}
