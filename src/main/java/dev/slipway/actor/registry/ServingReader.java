package dev.slipway.actor.registry;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.RegistrySpec;
import dev.slipway.engine.repository.Serving;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads from Registry objects, and the Secrets that they name, what is served on this host.
final class ServingReader {
    private static final List<String> ALL = List.of("*");

    private final PullSecrets secrets;
    private final EngineUser engine;

    /// @param engine who the engine itself is to it
    ServingReader(PullSecrets secrets, EngineUser engine) {
        this.secrets = secrets;
        this.engine = engine;
    }

    /// @param serving empty where nothing is to be served, or where that cannot be done as it is said
    /// @param problems as sentences; without secrets
    record Reading(Optional<Serving> serving, List<String> problems) {}

    /// @param all every Registry: those whose mirror this one is may be asked for what is not here
    Reading read(ApiObject object, Collection<ApiObject> all) {
        RegistrySpec spec = spec(object);
        RegistrySpec.Serve serve = spec.serve();
        if (serve == null) {
            return new Reading(Optional.empty(), List.of());
        }
        List<String> problems = new ArrayList<>();
        String listen = Objects.requireNonNullElse(serve.listen(), "");
        int colon = listen.lastIndexOf(':');
        String host = Objects.requireNonNullElse(spec.host(), "");
        Serving.Tls tls = tls(serve.tls(), problems);
        List<Serving.User> users = users(serve, problems);
        if (!problems.isEmpty()) {
            return new Reading(Optional.empty(), List.copyOf(problems));
        }
        Serving.Access access = isForUsers(spec) ? Serving.Access.TOKEN : Serving.Access.ANONYMOUS;
        if (access == Serving.Access.TOKEN) {
            users.add(engine.served(host));
        }
        boolean showsGuarded = "All".equals(serve.hostImages());
        Serving serving = new Serving(
                host,
                listen.substring(0, colon).replaceAll("^\\[|]$", ""),
                Integer.parseInt(listen.substring(colon + 1)),
                tls,
                access,
                users,
                orElse(serve.allowPush(), orElse(serve.users(), List.of()).isEmpty() ? List.of() : ALL),
                Boolean.TRUE.equals(serve.deleteEnabled()),
                mirrored(host, access == Serving.Access.TOKEN || showsGuarded, all),
                showsGuarded);
        return new Reading(Optional.of(serving), List.of());
    }

    /// Whether nobody reads from what is served without a password.
    static boolean isForUsers(RegistrySpec spec) {
        RegistrySpec.Serve serve = spec.serve();
        return serve != null && "Token".equals(serve.auth());
    }

    /// The Secret with the certificate that is served with.
    static Optional<ObjectKey> certificate(RegistrySpec spec) {
        RegistrySpec.Serve serve = spec.serve();
        return serve == null || serve.tls() == null
                ? Optional.empty()
                : RegistryReader.key(serve.tls().secretRef());
    }

    /// The Secrets that what an object says of serving names.
    static Set<ObjectKey> secrets(ApiObject object) {
        RegistrySpec.Serve serve = spec(object).serve();
        Set<ObjectKey> named = new HashSet<>();
        certificate(spec(object)).ifPresent(named::add);
        if (serve != null) {
            orElse(serve.users(), List.of())
                    .forEach(user -> RegistryReader.key(user.secretRef()).ifPresent(named::add));
        }
        return named;
    }

    /// The hosts that have `host` as a mirror which is to pull through.
    ///
    /// @param guarded also those that this host has credentials for, what they show to it is not for strangers
    private static Set<String> mirrored(String host, boolean guarded, Collection<ApiObject> all) {
        Set<String> secret = guarded ? Set.of() : withCredentials(all);
        return all.stream()
                .map(ServingReader::spec)
                .filter(spec -> !secret.contains(Objects.requireNonNullElse(spec.host(), "")))
                .filter(spec -> spec.host() != null
                        && orElse(spec.mirrors(), List.of()).stream()
                                .anyMatch(mirror -> Boolean.TRUE.equals(mirror.pullThrough())
                                        && isAt(host, Objects.requireNonNullElse(mirror.endpoint(), ""))))
                .map(spec -> Objects.requireNonNullElse(spec.host(), ""))
                .collect(Collectors.toSet());
    }

    private static Set<String> withCredentials(Collection<ApiObject> all) {
        return all.stream()
                .map(ServingReader::spec)
                .filter(spec -> !orElse(spec.credentials(), List.of()).isEmpty())
                .map(spec -> Objects.requireNonNullElse(spec.host(), ""))
                .collect(Collectors.toSet());
    }

    private static boolean isAt(String host, String endpoint) {
        return endpoint.replaceFirst("^https?://", "").replaceFirst("/$", "").equals(host);
    }

    private Serving.Tls tls(RegistrySpec.@Nullable ServeTls tls, List<String> problems) {
        Optional<ObjectKey> secret = tls == null ? Optional.empty() : RegistryReader.key(tls.secretRef());
        return secret.isEmpty()
                ? Serving.Tls.NONE
                : new Serving.Tls(text(secret.get(), "tls.crt", problems), text(secret.get(), "tls.key", problems));
    }

    private List<Serving.User> users(RegistrySpec.Serve serve, List<String> problems) {
        List<Serving.User> users = new ArrayList<>();
        for (RegistrySpec.User user : orElse(serve.users(), List.<RegistrySpec.User>of())) {
            RegistryReader.key(user.secretRef())
                    .ifPresent(secret -> users.add(new Serving.User(
                            text(secret, "username", problems),
                            text(secret, "password", problems),
                            orElse(user.allowPull(), ALL),
                            orElse(user.allowPush(), List.of()))));
        }
        return users;
    }

    private String text(ObjectKey secret, String field, List<String> problems) {
        Optional<byte[]> value = secrets.value(secret, field);
        if (value.isEmpty()) {
            problems.add("Secret %s/%s has no %s".formatted(secret.namespace(), secret.name(), field));
        }
        return value.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
    }

    private static RegistrySpec spec(ApiObject object) {
        return ObjectCodec.fromTree(object.spec(), RegistrySpec.class);
    }

    private static <T> List<T> orElse(@Nullable List<T> list, List<T> otherwise) {
        return list == null ? otherwise : list;
    }
}
