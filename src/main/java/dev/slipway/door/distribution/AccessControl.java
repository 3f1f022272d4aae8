package dev.slipway.door.distribution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.repository.Serving;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who may do what in which repository. Thread-safe.
///
/// @spec https://distribution.github.io/distribution/spec/auth/token/ Token Authentication
final class AccessControl {
    enum Action {
        PULL,
        PUSH,
        DELETE
    }

    private final Serving serving;
    private final AccessTokens tokens;
    private final InstantSource clock;

    AccessControl(Serving serving, AccessTokens tokens, InstantSource clock) {
        this.serving = serving;
        this.tokens = tokens;
        this.clock = clock;
    }

    /// Lets a request go on, or refuses it with what its client must show.
    ///
    /// @param path of the repository
    /// @return the name of the user; empty for nobody in particular
    String authorize(Request request, String path, Action action) {
        Serving.User user = caller(request, scope(path, action));
        if (action == Action.DELETE && !serving.deleteEnabled()) {
            throw RefusedException.unsupported("this registry deletes nothing");
        }
        if (!isAllowed(user, path, action)) {
            throw user == null && isWorthAsking(path, action)
                    ? unauthorized(request, scope(path, action), "")
                    : new RefusedException(
                            403, ErrorCode.DENIED, "%s of %s is not allowed".formatted(word(action), path));
        }
        return user == null ? "" : user.name();
    }

    /// Refuses those who may read nothing at all.
    ///
    /// @return what of the registry's repositories the caller may read
    Readable readable(Request request, String scope) {
        Serving.User user = caller(request, scope);
        if (user == null && serving.access() == Serving.Access.TOKEN) {
            throw unauthorized(request, scope, "");
        }
        return new Readable() {
            @Override
            public boolean reads(String path) {
                return isAllowed(user, path, Action.PULL);
            }

            @Override
            public boolean seesGuarded(String path) {
                return isShownGuarded(user, path);
            }
        };
    }

    interface Readable {
        boolean reads(String path);

        /// Whether images that came with credentials are shown, too.
        boolean seesGuarded(String path);
    }

    /// Whether the caller is shown images that came with credentials.
    boolean seesGuarded(Request request, String path) {
        return isShownGuarded(caller(request, scope(path, Action.PULL)), path);
    }

    private boolean isShownGuarded(Serving.@Nullable User user, String path) {
        return serving.showsGuarded() || user != null && Serving.matches(user.allowPull(), path);
    }

    /// Whether the caller may read another repository, too.
    boolean reads(Request request, String path) {
        return isAllowed(caller(request, scope(path, Action.PULL)), path, Action.PULL);
    }

    /// Whether the caller may push to a repository, as far as he has shown who he is.
    ///
    /// @param isPushedTo whether somebody pushes there; of those whom nobody knows it is all that tells
    boolean pushes(Request request, String path, boolean isPushedTo) {
        Serving.User user = caller(request, scope(path, Action.PULL));
        return isAllowed(user, path, Action.PUSH) && (user != null || isPushedTo);
    }

    /// A token for whoever shows a name and password, or for nobody in particular.
    Answer token(Request request) {
        if (!request.isRead()) {
            throw RefusedException.unsupported("tokens are fetched with GET");
        }
        String authorization = request.header("Authorization");
        String name = "";
        if (!authorization.isEmpty()) {
            name = AccessTokens.basic(authorization)
                    .flatMap(pair -> user(pair[0], pair[1]))
                    .map(Serving.User::name)
                    .orElseThrow(() ->
                            new RefusedException(401, ErrorCode.UNAUTHORIZED, "the name or the password is wrong"));
        }
        ObjectNode answer = Answer.MAPPER.createObjectNode();
        String token = tokens.issue(name);
        answer.put("token", token).put("access_token", token);
        answer.put("expires_in", AccessTokens.LIFE.toSeconds());
        answer.put("issued_at", clock.instant().toString());
        return Answer.json(200, answer).with(Map.of("Cache-Control", "no-store"));
    }

    private Optional<Serving.User> user(String name, String password) {
        return serving.users().stream()
                .filter(user -> user.name().equals(name) && isSame(user.password(), password))
                .findFirst();
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /// @return null for nobody in particular
    private Serving.@Nullable User caller(Request request, String scope) {
        String authorization = request.header("Authorization");
        if (authorization.isEmpty()) {
            return null;
        }
        boolean isBearer = authorization.regionMatches(true, 0, "Bearer ", 0, 7);
        Optional<String> name =
                isBearer ? tokens.user(authorization.substring(7).strip()) : Optional.empty();
        if (name.isEmpty()) {
            throw unauthorized(request, scope, "invalid_token");
        }
        return serving.users().stream()
                .filter(user -> user.name().equals(name.get()))
                .findFirst()
                .orElse(null);
    }

    private boolean isAllowed(Serving.@Nullable User user, String path, Action action) {
        return switch (action) {
            case PULL ->
                serving.access() == Serving.Access.ANONYMOUS || user != null && Serving.matches(user.allowPull(), path);
            case PUSH ->
                Serving.matches(serving.allowPush(), path)
                        && (user == null
                                ? serving.access() == Serving.Access.ANONYMOUS
                                        && serving.users().isEmpty()
                                : Serving.matches(user.allowPush(), path));
            case DELETE -> serving.deleteEnabled() && isAllowed(user, path, Action.PUSH);
        };
    }

    /// Whether there is a user who could do it.
    private boolean isWorthAsking(String path, Action action) {
        return serving.users().stream().anyMatch(user -> isAllowed(user, path, action));
    }

    private RefusedException unauthorized(Request request, String scope, String error) {
        String challenge = "Bearer realm=\"%s/token\",service=\"%s\"".formatted(request.address(), serving.host())
                + (scope.isEmpty() ? "" : ",scope=\"" + scope + "\"")
                + (error.isEmpty() ? "" : ",error=\"" + error + "\"");
        return new RefusedException(
                401, ErrorCode.UNAUTHORIZED, "authentication required", Map.of("WWW-Authenticate", challenge));
    }

    private static String scope(String path, Action action) {
        String actions =
                switch (action) {
                    case PULL -> "pull";
                    case PUSH -> "pull,push";
                    case DELETE -> "pull,delete";
                };
        return "repository:" + path + ":" + actions;
    }

    private static String word(Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }
}
