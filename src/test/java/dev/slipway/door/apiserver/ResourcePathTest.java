package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.door.http.RefusedException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourcePathTest {
    @Test
    void a_path_names_group_namespace_plural_name_and_subresource() {
        assertEquals(new ResourcePath("", "v1", "a", "pods", "", ""), parse("api/v1/namespaces/a/pods"));
        assertEquals(new ResourcePath("", "v1", "a", "pods", "x", "log"), parse("api/v1/namespaces/a/pods/x/log"));
        assertEquals(new ResourcePath("", "v1", "", "pods", "", ""), parse("api/v1/pods"));
        assertEquals(
                new ResourcePath("slipway.dev", "v1alpha1", "", "images", "base", "status"),
                parse("apis/slipway.dev/v1alpha1/images/base/status"));
    }

    @Test
    void namespaces_are_objects_themselves() {
        assertEquals(new ResourcePath("", "v1", "", "namespaces", "", ""), parse("api/v1/namespaces"));
        assertEquals(new ResourcePath("", "v1", "", "namespaces", "a", ""), parse("api/v1/namespaces/a"));
        assertEquals(new ResourcePath("", "v1", "", "namespaces", "a", "status"), parse("api/v1/namespaces/a/status"));
        assertEquals(new ResourcePath("", "v1", "a", "status", "b", ""), parse("api/v1/namespaces/a/status/b"));
    }

    @Test
    void a_path_that_is_too_short_or_too_long_names_nothing() {
        for (String path : List.of("api/v1", "apis/slipway.dev/v1alpha1", "api/v1/namespaces/a/pods/b/c/d")) {
            assertThrows(RefusedException.class, () -> parse(path), path);
        }
    }

    private static ResourcePath parse(String path) {
        return ResourcePath.parse(List.of(path.split("/")));
    }
}
