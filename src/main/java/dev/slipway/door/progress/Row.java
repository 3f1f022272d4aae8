package dev.slipway.door.progress;

import dev.slipway.desired.meta.PrintableText;
import java.util.List;

/// One object in a line. Texts are safe to print: control characters, which may come from an image or a registry, are
/// replaced.
///
/// @param state in one word
/// @param detail the cause, or the facts that people look for
/// @param milestone what is worth a line of its own; changes less often than `detail`
/// @param addresses where it can be reached on this host
record Row(Subject subject, Mark mark, String state, String detail, String milestone, List<String> addresses) {
    /// What a row is about.
    ///
    /// @param namespace empty for cluster-scoped objects
    /// @param isDeclared whether the directory declares it; what it merely brings along does not count
    record Subject(String kind, String namespace, String name, boolean isDeclared) {
        Subject {
            kind = PrintableText.line(kind);
            namespace = PrintableText.line(namespace);
            name = PrintableText.line(name);
        }

        /// `web`, or `shop/web` outside the namespace that people need not name.
        String shown() {
            return namespace.isEmpty() || namespace.equals("default") ? name : namespace + "/" + name;
        }

        @Override
        public String toString() {
            return kind + " " + shown();
        }
    }

    /// How far the object is from what is declared.
    enum Mark {
        DONE,
        BUSY,
        /// Only a change of an object can help.
        FAILED
    }

    Row {
        state = PrintableText.line(state);
        detail = PrintableText.line(detail);
        milestone = PrintableText.line(milestone);
        addresses = addresses.stream().map(PrintableText::line).toList();
    }
}
