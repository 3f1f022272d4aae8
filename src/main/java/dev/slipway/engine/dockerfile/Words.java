package dev.slipway.engine.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads a text as Docker does where it is no command for a shell: into words, with quotes taken off and variables
/// filled in. For one thread.
///
/// @spec https://docs.docker.com/reference/dockerfile/#environment-replacement Docker: Environment replacement
final class Words {
    private final Instruction instruction;
    private final String text;
    private final Map<String, String> variables;
    private int at;

    private Words(Instruction instruction, String text, Map<String, String> variables) {
        this.instruction = instruction;
        this.text = text;
        this.variables = variables;
    }

    static List<String> split(Instruction instruction, String text, Map<String, String> variables)
            throws MalformedDockerfileException {
        return new Words(instruction, text, variables).words();
    }

    /// All of it as one word.
    static String one(Instruction instruction, String text, Map<String, String> variables)
            throws MalformedDockerfileException {
        return new Words(instruction, text, variables).word("");
    }

    /// Variables filled in, and everything else as it is.
    static String fill(Instruction instruction, String text, Map<String, String> variables)
            throws MalformedDockerfileException {
        Words words = new Words(instruction, text, variables);
        StringBuilder filled = new StringBuilder();
        while (words.at < text.length()) {
            char letter = text.charAt(words.at);
            if (letter == instruction.escape() && text.startsWith("$", words.at + 1)) {
                filled.append('$');
                words.at += 2;
            } else if (letter == '$') {
                filled.append(words.variable());
            } else {
                filled.append(letter);
                words.at++;
            }
        }
        return filled.toString();
    }

    private List<String> words() throws MalformedDockerfileException {
        List<String> words = new ArrayList<>();
        while (true) {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return words;
            }
            words.add(word(" \t\n"));
        }
    }

    /// The letters up to one of `ends` that is not in quotes.
    private String word(String ends) throws MalformedDockerfileException {
        StringBuilder word = new StringBuilder();
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            char letter = text.charAt(at);
            if (letter == '\'') {
                at++;
                word.append(text, at, end('\''));
                at = end('\'') + 1;
            } else if (letter == '"') {
                at++;
                quoted(word);
            } else if (letter == instruction.escape() && at + 1 < text.length()) {
                word.append(text.charAt(at + 1));
                at += 2;
            } else if (letter == '$') {
                word.append(variable());
            } else {
                word.append(letter);
                at++;
            }
        }
        return word.toString();
    }

    private int end(char quote) throws MalformedDockerfileException {
        int end = text.indexOf(quote, at);
        if (end < 0) {
            throw instruction.refused("a quote is not closed");
        }
        return end;
    }

    private void quoted(StringBuilder word) throws MalformedDockerfileException {
        while (at < text.length() && text.charAt(at) != '"') {
            char letter = text.charAt(at);
            if (letter == instruction.escape()
                    && at + 1 < text.length()
                    && ("\"$" + instruction.escape()).indexOf(text.charAt(at + 1)) >= 0) {
                word.append(text.charAt(at + 1));
                at += 2;
            } else if (letter == '$') {
                word.append(variable());
            } else {
                word.append(letter);
                at++;
            }
        }
        at = end('"') + 1;
    }

    /// What the variable at this place stands for.
    private String variable() throws MalformedDockerfileException {
        at++;
        if (at < text.length() && text.charAt(at) == '{') {
            at++;
            return braced();
        }
        String name = name();
        return name.isEmpty() ? "$" : variables.getOrDefault(name, "");
    }

    private String name() {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        return text.substring(start, at);
    }

    /// `${name}`, `${name:-otherwise}`, `${name:+instead}`, and both without the colon.
    private String braced() throws MalformedDockerfileException {
        String name = name();
        boolean emptyCounts = at < text.length() && text.charAt(at) != ':';
        at += emptyCounts ? 0 : 1;
        char operator = at < text.length() ? text.charAt(at) : ' ';
        if (operator == '}') {
            at++;
            return variables.getOrDefault(name, "");
        }
        if (operator != '-' && operator != '+') {
            throw instruction.refused("variable ${%s...} is not supported in this form".formatted(name));
        }
        at++;
        String word = word("}");
        at = end('}') + 1;
        String value = variables.get(name);
        boolean isSet = value != null && (emptyCounts || !value.isEmpty());
        return operator == '-' ? isSet && value != null ? value : word : isSet ? word : "";
    }
}
