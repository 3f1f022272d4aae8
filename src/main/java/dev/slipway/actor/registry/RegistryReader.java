package dev.slipway.actor.registry;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.model.RegistrySpec;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.registry.RepositoryPattern;
import dev.slipway.engine.registry.Verification;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads from a Registry object, and the Secrets that it names, how its host is reached.
final class RegistryReader {
    private final PullSecrets secrets;
    private final EngineUser engine;

    /// @param engine who the engine is to registries that it serves itself
    RegistryReader(PullSecrets secrets, EngineUser engine) {
        this.secrets = secrets;
        this.engine = engine;
    }

    /// @param settings what can be used of it, also if there are problems
    /// @param problems as sentences; without secrets
    record Reading(String host, RegistrySettings.Host settings, List<String> problems) {}

    Reading read(ApiObject object) {
        RegistrySpec spec = ObjectCodec.fromTree(object.spec(), RegistrySpec.class);
        String host = Objects.requireNonNullElse(spec.host(), "");
        List<String> problems = new ArrayList<>();
        RegistrySettings.Host settings = new RegistrySettings.Host(
                mirrors(spec, problems),
                spec.tls() != null && Boolean.TRUE.equals(spec.tls().insecure()),
                certificates(spec, problems),
                keyring(host, spec, problems),
                verification(spec.verify(), problems));
        return new Reading(host, settings, List.copyOf(problems));
    }

    /// The Secrets that the object names.
    static Set<ObjectKey> secrets(ApiObject object) {
        RegistrySpec spec = ObjectCodec.fromTree(object.spec(), RegistrySpec.class);
        Set<ObjectKey> named = new HashSet<>();
        if (spec.tls() != null) {
            key(spec.tls().caSecretRef()).ifPresent(named::add);
        }
        credentials(spec).forEach(credential -> key(credential.secretRef()).ifPresent(named::add));
        if (spec.verify() != null) {
            key(spec.verify().keySecretRef()).ifPresent(named::add);
        }
        named.addAll(ServingReader.secrets(object));
        return named;
    }

    static Optional<ObjectKey> key(ImageSpec.@Nullable SecretName secret) {
        return secret == null || secret.name() == null
                ? Optional.empty()
                : Optional.of(
                        PullSecrets.key(Objects.requireNonNullElse(secret.namespace(), "default"), secret.name()));
    }

    private static List<RegistrySpec.Credential> credentials(RegistrySpec spec) {
        return spec.credentials() == null ? List.of() : spec.credentials();
    }

    private static List<URI> mirrors(RegistrySpec spec, List<String> problems) {
        List<URI> mirrors = new ArrayList<>();
        for (RegistrySpec.Mirror mirror : spec.mirrors() == null ? List.<RegistrySpec.Mirror>of() : spec.mirrors()) {
            try {
                URI endpoint = URI.create(Objects.requireNonNullElse(mirror.endpoint(), ""));
                mirrors.addAll(new RegistrySettings.Host(List.of(endpoint), false, "", Keyring.EMPTY).mirrors());
            } catch (IllegalArgumentException e) {
                problems.add("mirror " + mirror.endpoint() + " is no address");
            }
        }
        return mirrors;
    }

    /// One that is served here is known by its own certificate.
    private String certificates(RegistrySpec spec, List<String> problems) {
        RegistrySpec.Tls tls = spec.tls();
        Optional<ObjectKey> secret = tls == null ? Optional.empty() : key(tls.caSecretRef());
        if (secret.isEmpty()) {
            return ServingReader.certificate(spec)
                    .flatMap(own -> secrets.value(own, "tls.crt"))
                    .map(pem -> new String(pem, StandardCharsets.UTF_8))
                    .orElse("");
        }
        String words =
                "Secret %s/%s ".formatted(secret.get().namespace(), secret.get().name());
        Optional<byte[]> pem = secrets.value(secret.get(), "ca.crt");
        if (pem.isEmpty()) {
            problems.add(words + "has no ca.crt");
            return "";
        }
        try {
            CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem.get()));
            return new String(pem.get(), StandardCharsets.UTF_8);
        } catch (CertificateException e) {
            problems.add(words + "has a ca.crt that holds no certificates in PEM");
            return "";
        }
    }

    /// A key that is missing leaves the demand as it is: nothing passes then.
    private Verification verification(RegistrySpec.@Nullable Verify verify, List<String> problems) {
        if (verify == null || "Off".equals(verify.mode())) {
            return Verification.OFF;
        }
        Verification.Mode mode = "Warn".equals(verify.mode()) ? Verification.Mode.WARN : Verification.Mode.ENFORCE;
        Optional<ObjectKey> secret = key(verify.keySecretRef());
        Optional<byte[]> pem = secret.flatMap(each -> secrets.value(each, "cosign.pub"));
        if (secret.isPresent() && pem.isEmpty()) {
            problems.add("Secret %s/%s has no cosign.pub"
                    .formatted(secret.get().namespace(), secret.get().name()));
        }
        return new Verification(
                mode,
                pem.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse(""));
    }

    private Keyring keyring(String host, RegistrySpec spec, List<String> problems) {
        List<Keyring.Key> keys = new ArrayList<>();
        for (RegistrySpec.Credential credential : credentials(spec)) {
            key(credential.secretRef()).ifPresent(secret -> {
                PullSecrets.Keys read = secrets.keys(List.of(secret));
                problems.addAll(read.problems());
                List<Credentials> fitting = fitting(host, read.keyring());
                if (fitting.isEmpty() && read.problems().isEmpty()) {
                    problems.add("Secret %s/%s has no credentials for %s"
                            .formatted(secret.namespace(), secret.name(), host));
                }
                fitting.forEach(each ->
                        patterns(host, credential).forEach(pattern -> keys.add(new Keyring.Key(pattern, each))));
            });
        }
        if (ServingReader.isForUsers(spec)) {
            keys.add(new Keyring.Key(new RepositoryPattern(host, ""), engine.credentials(host)));
        }
        return new Keyring(keys);
    }

    /// What a Secret holds for the host, whatever its repository.
    private static List<Credentials> fitting(String host, Keyring keyring) {
        return keyring.keys().stream()
                .filter(key -> new RepositoryPattern(key.pattern().host(), "").matches(new Repository(host, "any")))
                .map(Keyring.Key::credentials)
                .distinct()
                .toList();
    }

    private static List<RepositoryPattern> patterns(String host, RegistrySpec.Credential credential) {
        List<String> repositories = credential.repositories();
        return repositories == null || repositories.isEmpty()
                ? List.of(new RepositoryPattern(host, ""))
                : repositories.stream()
                        .map(path -> new RepositoryPattern(host, path.replaceFirst("/?\\*$", "")))
                        .toList();
    }
}
