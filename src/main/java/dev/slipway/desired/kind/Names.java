package dev.slipway.desired.kind;

import java.util.Map;
import java.util.regex.Pattern;

/// The grammars of names in the Kubernetes API.
///
/// @spec https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ Kubernetes: Object Names and IDs
public final class Names {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]");
    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?");
    private static final Pattern ENVIRONMENT = Pattern.compile("[\\x20-\\x3C\\x3E-\\x7E]+");
    private static final Pattern CONFIG_KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");

    public static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
                    + " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    public static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
                    + " start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation"
                    + " is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private Names() {}

    public static boolean isLabel(String text) {
        return LABEL.matcher(text).matches();
    }

    public static boolean isSubdomain(String text) {
        return text.length() <= 253 && SUBDOMAIN.matcher(text).matches();
    }

    public static boolean isEnvironmentVariable(String text) {
        return ENVIRONMENT.matcher(text).matches();
    }

    public static boolean isConfigKey(String text) {
        return CONFIG_KEY.matcher(text).matches() && !text.equals(".") && !text.startsWith("..");
    }

    public static boolean isQualified(String text) {
        int slash = text.indexOf('/');
        boolean prefixed = slash < 0 || isSubdomain(text.substring(0, slash));
        return prefixed && QUALIFIED.matcher(text.substring(slash + 1)).matches();
    }

    public static void labels(Map<String, String> labels, String path, Findings findings) {
        labels.forEach((key, value) -> {
            if (!isQualified(key)) {
                findings.invalid(
                        path,
                        key,
                        "name part must consist of alphanumeric characters, '-', '_' or '.', and must"
                                + " start and end with an alphanumeric character");
            }
            if (!LABEL_VALUE.matcher(value).matches()) {
                findings.invalid(
                        path,
                        value,
                        "a valid label must be an empty string or consist of alphanumeric characters,"
                                + " '-', '_' or '.', and must start and end with an alphanumeric character");
            }
        });
    }
}
