package dev.slipway.desired.kind.slipway;

import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.RegistrySpec;
import dev.slipway.desired.model.RegistryStatus;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `Registry`: how an upstream registry is reached, or how one is served here.
final class RegistryKind implements Kind {
    private static final Pattern LISTEN = Pattern.compile("(\\[[0-9a-fA-F:]+]|[0-9A-Za-z.-]+):[0-9]{1,5}");
    private static final Pattern LOOPBACK = Pattern.compile("(127\\.[0-9.]+|localhost|\\[::1]):[0-9]{1,5}");
    private static final Pattern GLOB = Pattern.compile("[a-z0-9._/*-]+");
    private static final Pattern ENDPOINT = Pattern.compile("https?://[^/\\s]+/?");

    @Override
    public KindName name() {
        return OwnKind.name("Registry", "registries", "reg", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return RegistrySpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return RegistryStatus.class;
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Host", "As in image references.", "/spec/host"),
                Column.number("Mirrors", "Asked before the host.", (object, now) -> object.spec()
                        .path("mirrors")
                        .size()),
                Column.textOrNone("Serves", "Where this host serves it.", "/spec/serve/listen"),
                OwnKind.ready(),
                Column.AGE,
                Column.textOrNone("Tags", "What was pushed to it here.", "/status/served/tags")
                        .wide(),
                Column.computed(
                                "Size",
                                "Of what was pushed to it here.",
                                (object, now) -> OwnKind.bytes(
                                        object.status().path("served").path("bytes")))
                        .wide(),
                Column.textOrNone("Left", "Pulls that it still gives to this host.", "/status/rateLimit/remaining")
                        .wide(),
                Column.textOrNone("Error", "What went wrong last.", "/status/lastError")
                        .wide());
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        spec.at("host").requireReads(ImageNames::host);
        for (Place mirror : spec.at("mirrors").items()) {
            Place endpoint = mirror.at("endpoint");
            if (endpoint.require()) {
                endpoint.holds(
                        ENDPOINT.matcher(endpoint.text()).matches(), "must be a URL like https://mirror.lan:5000");
            }
        }
        Place authority = spec.at("tls").at("caSecretRef");
        if (authority.isThere()) {
            secret(authority);
        }
        for (Place credential : spec.at("credentials").items()) {
            secret(credential.at("secretRef"));
            credential.at("repositories").items().forEach(Place::require);
        }
        if (spec.at("verify").isThere()) {
            spec.at("verify").at("mode").oneOf(List.of("Enforce", "Warn", "Off"));
            secret(spec.at("verify").at("keySecretRef"));
        }
        if (spec.at("serve").isThere()) {
            serve(spec.at("serve"));
        }
    }

    private static void serve(Place serve) {
        Place listen = serve.at("listen");
        if (listen.require()) {
            listen.holds(LISTEN.matcher(listen.text()).matches(), "must be an address and a port, like 127.0.0.1:5000");
        }
        serve.at("auth").oneOf(List.of("Anonymous", "Token"));
        serve.at("hostImages").oneOf(List.of("Public", "All"));
        serve.at("allowPush").items().forEach(RegistryKind::glob);
        if (serve.at("tls").isThere()) {
            secret(serve.at("tls").at("secretRef"));
        } else if (listen.isThere() && !LOOPBACK.matcher(listen.text()).matches()) {
            serve.at("tls").required("others reach this address, and passwords and images would travel in the clear");
        }
        for (Place user : serve.at("users").items()) {
            secret(user.at("secretRef"));
            user.at("allowPull").items().forEach(RegistryKind::glob);
            user.at("allowPush").items().forEach(RegistryKind::glob);
        }
        boolean open = serve.at("users").isEmpty() && !serve.at("allowPush").isEmpty();
        if (open && listen.isThere() && !LOOPBACK.matcher(listen.text()).matches()) {
            serve.at("users").required("without users everybody who reaches this address could push");
        }
    }

    private static void glob(Place glob) {
        glob.holds(GLOB.matcher(glob.text()).matches(), "must be a repository in lower case, * for any characters");
    }

    private static void secret(Place reference) {
        reference.at("name").requireReads(Names::subdomain);
        reference.at("namespace").reads(Names::label);
    }
}
