package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Serving;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may read, push and delete, and how users show who they are.
class RegistryAccessTest {
    private static final List<Serving.User> USERS = List.of(
            new Serving.User("acme", "one", List.of("acme/*", "base/*"), List.of("acme/*")),
            new Serving.User("reader", "two", List.of("base/*"), List.of("*")));
    private static final ServedImage IMAGE = ServedImage.of("web");

    @TempDir
    Path root;

    private RegistryRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = RegistryRig.open(root);
        IMAGE.push(rig, "acme/web", "v1");
        IMAGE.push(rig, "base/os", "v1");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void who_shows_nothing_is_told_where_to_get_a_token() throws Exception {
        rig.serve(Serving.Access.TOKEN, USERS, List.of("acme/*"), false);

        HttpResponse<byte[]> response = RegistryRig.expect(401, rig.send("GET", "/v2/acme/web/manifests/v1"));

        assertEquals(
                "Bearer realm=\"http://%s/token\",service=\"%s\",scope=\"repository:acme/web:pull\""
                        .formatted(rig.host, rig.host),
                response.headers().firstValue("WWW-Authenticate").orElse(""));
        assertTrue(new String(response.body(), UTF_8).contains("UNAUTHORIZED"));
        assertEquals(401, rig.send("GET", "/v2/").statusCode());
        assertEquals(401, rig.send("GET", "/v2/_catalog").statusCode());
    }

    @Test
    @DisplayName("S61 each user pulls and pushes in the repositories that are theirs")
    void each_user_pulls_and_pushes_in_the_repositories_that_are_theirs() throws Exception {
        rig.serve(Serving.Access.TOKEN, USERS, List.of("acme/*", "base/*"), false);
        String acme = token("acme", "one");
        String reader = token("reader", "two");

        assertEquals(200, status("GET", "/v2/acme/web/manifests/v1", acme));
        assertEquals(403, status("GET", "/v2/acme/web/manifests/v1", reader));
        assertEquals(200, status("GET", "/v2/base/os/manifests/v1", reader));
        assertEquals(202, status("POST", "/v2/acme/web/blobs/uploads/", acme));
        assertEquals(403, status("POST", "/v2/base/os/blobs/uploads/", acme));
        assertEquals(202, status("POST", "/v2/base/os/blobs/uploads/", reader));
        assertEquals(403, status("POST", "/v2/other/app/blobs/uploads/", reader));
        HttpResponse<byte[]> catalog = rig.send("GET", "/v2/_catalog", "Authorization", "Bearer " + reader);
        assertEquals("{\"repositories\":[\"base/os\"]}", new String(catalog.body(), UTF_8));
    }

    @Test
    void who_has_pushed_a_tag_is_kept_with_it() throws Exception {
        rig.serve(Serving.Access.TOKEN, USERS, List.of("acme/*"), false);
        Repository web = new Repository(rig.host, "acme/web");
        assertEquals(Map.of(), rig.repositories.contents(web).pushers(), "nobody had to show who he is");

        String type = MediaType.OCI_MANIFEST.value();
        String bearer = "Bearer " + token("acme", "one");
        byte[] manifest = IMAGE.manifest();
        RegistryRig.expect(
                201,
                rig.send("PUT", "/v2/acme/web/manifests/v2", manifest, "Content-Type", type, "Authorization", bearer));

        assertEquals(Map.of("v2", "acme"), rig.repositories.contents(web).pushers());
    }

    @Test
    void a_blob_is_not_mounted_out_of_a_repository_that_the_user_may_not_read() throws Exception {
        rig.serve(Serving.Access.TOKEN, USERS, List.of("*"), false);
        String mount = "/v2/base/os/blobs/uploads/?from=acme/web&mount=" + Digest.sha256("acme's own".getBytes(UTF_8));
        rig.serve(Serving.Access.ANONYMOUS, List.of(), List.of("*"), false);
        rig.blob("acme/web", "acme's own".getBytes(UTF_8));
        rig.serve(Serving.Access.TOKEN, USERS, List.of("*"), false);

        assertEquals(202, status("POST", mount, token("reader", "two")));
    }

    @Test
    void a_wrong_password_and_a_token_that_is_old_or_forged_are_refused() throws Exception {
        rig.serve(Serving.Access.TOKEN, USERS, List.of(), false);
        String token = token("acme", "one");

        assertEquals(401, tokenFor("acme", "two").statusCode());
        assertEquals(401, tokenFor("nobody", "").statusCode());
        assertEquals(401, status("GET", "/v2/acme/web/manifests/v1", token.replace('.', 'x')));
        assertEquals(401, status("GET", "/v2/acme/web/manifests/v1", token.substring(0, token.indexOf('.')) + ".AA"));
        assertEquals(200, status("GET", "/v2/acme/web/manifests/v1", token));
        rig.pass(Duration.ofMinutes(6));
        assertEquals(401, status("GET", "/v2/acme/web/manifests/v1", token));
    }

    @Test
    void where_everybody_may_read_only_users_may_push_if_there_are_users() throws Exception {
        rig.serve(Serving.Access.ANONYMOUS, USERS, List.of("acme/*"), true);

        assertEquals(200, rig.send("GET", "/v2/acme/web/manifests/v1").statusCode());
        assertEquals(401, rig.send("POST", "/v2/acme/web/blobs/uploads/").statusCode());
        assertEquals(403, rig.send("POST", "/v2/base/os/blobs/uploads/").statusCode());
        assertEquals(202, status("POST", "/v2/acme/web/blobs/uploads/", token("acme", "one")));
        assertEquals(401, rig.send("DELETE", "/v2/acme/web/manifests/v1").statusCode());
        assertEquals(202, status("DELETE", "/v2/acme/web/manifests/v1", token("acme", "one")));
    }

    @Test
    void without_users_the_rules_for_repositories_are_everybodys() throws Exception {
        rig.serve(Serving.Access.ANONYMOUS, List.of(), List.of("acme/*"), false);

        assertEquals(202, rig.send("POST", "/v2/acme/new/app/blobs/uploads/").statusCode());
        assertEquals(403, rig.send("POST", "/v2/acmes/app/blobs/uploads/").statusCode());
        assertEquals(405, rig.send("DELETE", "/v2/acme/web/manifests/v1").statusCode());
    }

    private String token(String name, String password) throws Exception {
        HttpResponse<byte[]> response = RegistryRig.expect(200, tokenFor(name, password));
        return new ObjectMapper().readTree(response.body()).path("token").asText();
    }

    private HttpResponse<byte[]> tokenFor(String name, String password) throws Exception {
        String pair = Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8));
        return rig.send("GET", "/token?service=" + rig.host, "Authorization", "Basic " + pair);
    }

    private int status(String method, String path, String token) throws Exception {
        return rig.send(method, path, "Authorization", "Bearer " + token).statusCode();
    }
}
