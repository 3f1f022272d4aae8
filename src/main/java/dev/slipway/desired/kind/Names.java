package dev.slipway.desired.kind;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The grammars of names in the Kubernetes API, each with what is wrong with a text, in Kubernetes' words.
///
/// @spec https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ Kubernetes: Object Names and IDs
public final class Names {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final Pattern ENVIRONMENT = Pattern.compile("[\\x20-\\x3C\\x3E-\\x7E]+");
    private static final Pattern CONFIG_KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final Pattern PORT = Pattern.compile("[-a-z0-9]+");

    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
                    + " and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end"
                    + " with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private static final String QUALIFIED_RULE =
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
                    + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
                    + " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private static final String LABEL_VALUE_RULE =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start"
                    + " and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for"
                    + " validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private static final String ENVIRONMENT_RULE =
            "a valid environment variable name must consist only of printable ASCII characters other than '='";
    private static final String CONFIG_KEY_RULE =
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or"
                    + " 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

    private Names() {}

    /// Faults of a name like `my-name`.
    public static List<String> label(String text) {
        return faults(text, LABEL, LABEL_RULE, 63);
    }

    /// Faults of a name like `my.example`.
    public static List<String> subdomain(String text) {
        return faults(text, SUBDOMAIN, SUBDOMAIN_RULE, 253);
    }

    /// Faults of a key like `example.com/name`.
    public static List<String> qualified(String text) {
        List<String> faults = new ArrayList<>();
        int slash = text.indexOf('/');
        if (slash != text.lastIndexOf('/')) {
            return List.of("a qualified name " + QUALIFIED_RULE.substring("name part ".length())
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        }
        String prefix = slash < 0 ? "" : text.substring(0, slash);
        if (slash == 0) {
            faults.add("prefix part must be non-empty");
        } else if (slash > 0) {
            subdomain(prefix).forEach(fault -> faults.add("prefix part " + fault));
        }
        String name = text.substring(slash + 1);
        if (name.isEmpty()) {
            faults.add("name part must be non-empty");
        } else if (name.length() > 63) {
            faults.add("name part must be no more than 63 characters");
        }
        if (!QUALIFIED.matcher(name).matches()) {
            faults.add(QUALIFIED_RULE);
        }
        return faults;
    }

    /// Faults of the value of a label.
    public static List<String> labelValue(String text) {
        return faults(text, LABEL_VALUE, LABEL_VALUE_RULE, 63);
    }

    /// Faults of the name of an environment variable.
    public static List<String> environmentVariable(String text) {
        return ENVIRONMENT.matcher(text).matches() ? List.of() : List.of(ENVIRONMENT_RULE);
    }

    /// Faults of a key in a ConfigMap or Secret.
    public static List<String> configKey(String text) {
        List<String> faults = new ArrayList<>(faults(text, CONFIG_KEY, CONFIG_KEY_RULE, 253));
        if (text.equals(".")) {
            faults.add("must not be '.'");
        } else if (text.equals("..")) {
            faults.add("must not be '..'");
        } else if (text.startsWith("..")) {
            faults.add("must not start with '..'");
        }
        return faults;
    }

    /// Faults of the name of a port.
    public static List<String> port(String text) {
        List<String> faults = new ArrayList<>();
        if (text.length() > 15) {
            faults.add("must be no more than 15 characters");
        }
        if (!PORT.matcher(text).matches()) {
            faults.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (text.chars().noneMatch(letter -> letter >= 'a' && letter <= 'z')) {
            faults.add("must contain at least one letter (a-z)");
        }
        if (text.contains("--")) {
            faults.add("must not contain consecutive hyphens");
        }
        if (text.startsWith("-") || text.endsWith("-")) {
            faults.add("must not begin or end with a hyphen");
        }
        return faults;
    }

    private static List<String> faults(String text, Pattern pattern, String rule, int longest) {
        List<String> faults = new ArrayList<>(1);
        if (text.length() > longest) {
            faults.add("must be no more than " + longest + " characters");
        }
        if (!pattern.matcher(text).matches()) {
            faults.add(rule);
        }
        return faults;
    }
}
