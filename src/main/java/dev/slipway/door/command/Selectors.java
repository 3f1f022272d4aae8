package dev.slipway.door.command;

import java.util.ArrayList;
import java.util.List;

/// Which objects of a kind are meant, as parameters of a request.
///
/// @param labels what their labels must match; empty for any
/// @param fields what their fields must match; empty for any
public record Selectors(String labels, String fields) {
    public static final Selectors NONE = new Selectors("", "");

    public static Selectors ofLabels(String labels) {
        return new Selectors(labels, "");
    }

    public boolean isEmpty() {
        return labels.isEmpty() && fields.isEmpty();
    }

    /// Those of this name, of these.
    public Selectors named(String name) {
        String term = "metadata.name=" + name;
        return name.isEmpty() ? this : new Selectors(labels, fields.isEmpty() ? term : fields + "," + term);
    }

    /// @throws WrongUsageException when objects are named as well, in kubectl's words
    public void requireNoNames(List<Target> targets) {
        WrongUsageException.unless(
                isEmpty() || targets.stream().allMatch(target -> target.name().isEmpty()),
                "name cannot be provided when a selector is specified");
    }

    /// `path` with these behind it, and with `more` parameters.
    public String in(String path, String... more) {
        List<String> parameters = new ArrayList<>();
        if (!labels.isEmpty()) {
            parameters.add("labelSelector=" + Resource.encode(labels));
        }
        if (!fields.isEmpty()) {
            parameters.add("fieldSelector=" + Resource.encode(fields));
        }
        parameters.addAll(List.of(more));
        return parameters.isEmpty() ? path : path + "?" + String.join("&", parameters);
    }
}
