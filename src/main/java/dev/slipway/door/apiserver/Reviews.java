package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Caller;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.RequestBody;
import java.util.List;
import java.util.Locale;

/// Answers who the caller is and what it may do. There is one user, the administrator, who may do everything; whoever
/// may not was refused before.
///
/// @spec https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access Kubernetes: reviews
final class Reviews {
    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final String AUTHORIZATION = "authorization.k8s.io";

    private Reviews() {}

    /// What discovery says of reviews: they can be created and are never kept.
    static List<ServedResource> resources() {
        return List.of(
                resource(AUTHENTICATION, "SelfSubjectReview"),
                resource(AUTHORIZATION, "SelfSubjectAccessReview"),
                resource(AUTHORIZATION, "SelfSubjectRulesReview"));
    }

    static boolean answers(ResourcePath path) {
        return resources().stream()
                .anyMatch(resource -> resource.group().equals(path.group())
                        && resource.plural().equals(path.plural())
                        && resource.version().equals(path.version()));
    }

    static Reply answer(ApiRequest request, ResourcePath path, RequestBody bodies) {
        if (!request.method().equals("POST")) {
            throw RefusedException.methodNotAllowed();
        }
        ObjectNode review = bodies.object(request);
        ObjectNode status = review.putObject("status");
        switch (path.plural()) {
            case "selfsubjectreviews" -> user(status.putObject("userInfo"), request.caller());
            case "selfsubjectaccessreviews" ->
                status.put("allowed", true).put("reason", "the administrator may do everything");
            default -> rules(status);
        }
        return Reply.created(review);
    }

    private static void user(ObjectNode info, Caller caller) {
        info.put("username", caller.name());
        caller.groups().forEach(info.putArray("groups")::add);
    }

    private static void rules(ObjectNode status) {
        ObjectNode everything = status.putArray("resourceRules").addObject();
        for (String list : List.of("verbs", "apiGroups", "resources")) {
            everything.putArray(list).add("*");
        }
        ObjectNode paths = status.putArray("nonResourceRules").addObject();
        paths.putArray("verbs").add("*");
        paths.putArray("nonResourceURLs").add("*");
        status.put("incomplete", false);
    }

    private static ServedResource resource(String group, String kind) {
        String singular = kind.toLowerCase(Locale.ROOT);
        return new ServedResource(
                group, "v1", singular + "s", singular, kind, false, List.of("create"), List.of(), List.of(), List.of());
    }
}
