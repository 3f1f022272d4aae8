package dev.slipway.engine.dockerfile;

import dev.slipway.engine.dockerfile.Instruction.HereDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits the text of a Dockerfile into instructions: comments, lines that go on, here-documents. For one thread.
///
/// @spec https://docs.docker.com/reference/dockerfile/#format Docker: Dockerfile reference, Format
final class Lines {
    private static final Pattern DIRECTIVE = Pattern.compile("#\\s*([a-zA-Z]+)\\s*=\\s*(\\S+)\\s*");
    private static final Pattern HERE = Pattern.compile("<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_.]*)\\2(?=\\s|$)");
    private static final Pattern TAKES_DOCUMENTS = Pattern.compile("(?i)(RUN|COPY|ADD)\\s.*", Pattern.DOTALL);

    private final String[] lines;
    /// Of the whole text; empty where each instruction is at its line.
    private final String place;

    private char escape = '\\';
    private int next;

    private Lines(String text, String place) {
        this.place = place;
        this.lines = text.replace("\uFEFF", "").replace("\r\n", "\n").split("\n", -1);
    }

    static List<Instruction> read(String text) throws MalformedDockerfileException {
        return new Lines(text, "").instructions();
    }

    /// The one instruction that a text is.
    ///
    /// @param place what people call the text
    static Instruction readOne(String text, String place) throws MalformedDockerfileException {
        List<Instruction> instructions = new Lines(text, place).instructions();
        if (instructions.size() != 1) {
            throw new MalformedDockerfileException(place, "it must be one instruction: " + text.strip());
        }
        return instructions.getFirst();
    }

    private String place(int line) {
        return place.isEmpty() ? placeOf(line) : place;
    }

    static String placeOf(int line) {
        return "Dockerfile line " + line;
    }

    private List<Instruction> instructions() throws MalformedDockerfileException {
        directives();
        List<Instruction> found = new ArrayList<>();
        while (next < lines.length) {
            if (isBlank(lines[next])) {
                next++;
                continue;
            }
            String at = place(next + 1);
            String joined = joined();
            found.add(Instruction.parse(at, joined, documents(at, joined), escape));
        }
        return found;
    }

    private void directives() throws MalformedDockerfileException {
        for (; next < lines.length; next++) {
            Matcher directive = DIRECTIVE.matcher(lines[next].strip());
            if (!directive.matches()) {
                return;
            }
            if (directive.group(1).equalsIgnoreCase("escape")) {
                String letter = directive.group(2);
                if (!letter.equals("\\") && !letter.equals("`")) {
                    throw new MalformedDockerfileException(place(next + 1), "escape must be \\ or `");
                }
                escape = letter.charAt(0);
            }
        }
    }

    private static boolean isBlank(String line) {
        return line.isBlank() || line.stripLeading().startsWith("#");
    }

    /// One line with those that continue it; comments and empty lines in between do not end it.
    private String joined() {
        StringBuilder joined = new StringBuilder();
        boolean goesOn = true;
        while (goesOn && next < lines.length) {
            String line = lines[next++];
            if (!joined.isEmpty() && isBlank(line)) {
                continue;
            }
            String stripped = line.stripTrailing();
            goesOn = stripped.endsWith(String.valueOf(escape));
            joined.append(goesOn ? stripped.substring(0, stripped.length() - 1) : line);
        }
        return joined.toString();
    }

    private List<HereDocument> documents(String at, String joined) throws MalformedDockerfileException {
        List<HereDocument> documents = new ArrayList<>();
        if (TAKES_DOCUMENTS.matcher(joined.strip()).matches()) {
            Matcher mark = HERE.matcher(joined);
            while (mark.find()) {
                boolean stripsTabs = !mark.group(1).isEmpty();
                String content = content(at, mark.group(3), stripsTabs);
                documents.add(new HereDocument(
                        mark.group(), mark.group(3), content, mark.group(2).isEmpty()));
            }
        }
        return documents;
    }

    private String content(String at, String end, boolean stripsTabs) throws MalformedDockerfileException {
        StringBuilder content = new StringBuilder();
        while (next < lines.length) {
            String text = stripsTabs ? lines[next].replaceFirst("^\t+", "") : lines[next];
            next++;
            if (text.equals(end)) {
                return content.toString();
            }
            content.append(text).append('\n');
        }
        throw new MalformedDockerfileException(at, "here-document %s does not end".formatted(end));
    }
}
