package dev.slipway.door.cli;

import dev.slipway.door.command.WrongUsageException;
import dev.slipway.door.jsonpath.CustomColumns;
import dev.slipway.door.jsonpath.Template;
import java.util.ArrayList;
import java.util.List;

/// How `get` prints: what `-o` says.
sealed interface Output {
    /// What `-o` takes as it is, for completion.
    final class Formats extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Formats() {
            super(List.of("wide", "json", "yaml", "name"));
        }
    }

    record Table(boolean wide) implements Output {}

    record Names() implements Output {}

    record Json() implements Output {}

    record Yaml() implements Output {}

    record Filled(Template template) implements Output {}

    record Picked(CustomColumns columns) implements Output {}

    /// @throws WrongUsageException when it says nothing that is known
    static Output parse(String text) {
        String form = text.replaceFirst("(?s)=.*", "");
        String argument = text.length() > form.length() ? text.substring(form.length() + 1) : "";
        try {
            return switch (text) {
                case "" -> new Table(false);
                case "wide" -> new Table(true);
                case "name" -> new Names();
                case "json" -> new Json();
                case "yaml" -> new Yaml();
                default -> withArgument(form, argument, text);
            };
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("-o " + form + ": " + e.getMessage());
        }
    }

    private static Output withArgument(String form, String argument, String text) {
        if (form.equals("jsonpath") && !argument.isEmpty()) {
            return new Filled(Template.parse(argument));
        }
        if (form.equals("custom-columns") && !argument.isEmpty()) {
            return new Picked(CustomColumns.parse(argument));
        }
        throw new WrongUsageException(
                "-o is wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...: " + text);
    }
}
