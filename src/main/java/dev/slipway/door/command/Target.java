package dev.slipway.door.command;

import java.util.ArrayList;
import java.util.List;

/// One object, or all of a kind, as users name it: `KIND NAME...`, `KIND/NAME...`, or `KIND[,KIND]`.
///
/// @param name empty for all of the kind
public record Target(String kind, String name) {
    /// @throws WrongUsageException when the words name nothing
    public static List<Target> of(List<String> words) {
        if (words.isEmpty()) {
            throw new WrongUsageException("say which kind: for instance containers, pods or images");
        }
        boolean hasPairs = words.getFirst().contains("/");
        List<Target> targets = new ArrayList<>();
        for (String kind :
                hasPairs ? List.<String>of() : List.of(words.getFirst().split(","))) {
            if (words.size() == 1) {
                targets.add(new Target(kind, ""));
            }
            words.stream().skip(1).forEach(name -> targets.add(new Target(kind, plain(name))));
        }
        for (String pair : hasPairs ? words : List.<String>of()) {
            targets.add(pair(pair));
        }
        return targets;
    }

    private static String plain(String name) {
        if (name.isEmpty() || name.contains("/")) {
            throw new WrongUsageException("not a name: \"%s\"; use KIND NAME..., or KIND/NAME...".formatted(name));
        }
        return name;
    }

    private static Target pair(String pair) {
        String[] sides = pair.split("/", -1);
        if (sides.length != 2 || sides[0].isEmpty() || sides[1].isEmpty()) {
            throw new WrongUsageException("not of the form KIND/NAME: \"%s\"".formatted(pair));
        }
        return new Target(sides[0], sides[1]);
    }
}
