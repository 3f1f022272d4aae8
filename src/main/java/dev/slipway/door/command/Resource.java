package dev.slipway.door.command;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A kind as the engine's discovery describes it, and the URLs of its objects.
///
/// @param group empty for the core group
public record Resource(String group, String version, String plural, String kind, boolean namespaced) {
    public static final Resource PODS = new Resource("", "v1", "pods", "Pod", true);
    public static final Resource DEPLOYMENTS = new Resource("apps", "v1", "deployments", "Deployment", true);
    static final Resource POD_METRICS = new Resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", true);

    /// Path of the collection; an empty namespace means all of them.
    public String collection(String namespace) {
        String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return namespaced && !namespace.isEmpty()
                ? root + "/namespaces/" + encode(namespace) + "/" + plural
                : root + "/" + plural;
    }

    public String object(String namespace, String name) {
        return collection(namespace) + "/" + encode(name);
    }

    /// `container.slipway.dev/site`, as kubectl names what it changed.
    public String words(String name) {
        String singular = kind.toLowerCase(Locale.ROOT);
        return (group.isEmpty() ? singular : singular + "." + group) + "/" + name;
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
