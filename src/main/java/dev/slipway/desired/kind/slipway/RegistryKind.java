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

/// `Registry`: how an upstream registry is reached.
final class RegistryKind implements Kind {
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
                OwnKind.ready(),
                Column.AGE);
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
    }

    private static void secret(Place reference) {
        reference.at("name").requireReads(Names::subdomain);
        reference.at("namespace").reads(Names::label);
    }
}
