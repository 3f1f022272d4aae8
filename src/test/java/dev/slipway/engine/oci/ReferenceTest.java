package dev.slipway.engine.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @ParameterizedTest(name = "{0} is {1}")
    @DisplayName("S60 names of one, two and more parts, with and without host, port and digest")
    @CsvSource({
        "ubuntu, docker.io/library/ubuntu:latest, ubuntu:latest",
        "ubuntu:14.04, docker.io/library/ubuntu:14.04, ubuntu:14.04",
        "jwilder/nginx-proxy, docker.io/jwilder/nginx-proxy:latest, jwilder/nginx-proxy:latest",
        "a/b/c/d:v1, docker.io/a/b/c/d:v1, a/b/c/d:v1",
        "docker.io/ubuntu, docker.io/library/ubuntu:latest, ubuntu:latest",
        "docker.io/library/ubuntu, docker.io/library/ubuntu:latest, ubuntu:latest",
        "index.docker.io/library/ubuntu, docker.io/library/ubuntu:latest, ubuntu:latest",
        "library/ubuntu, docker.io/library/ubuntu:latest, ubuntu:latest",
        "library/a/b, docker.io/library/a/b:latest, library/a/b:latest",
        "quay.io/nginx, quay.io/nginx:latest, quay.io/nginx:latest",
        "registry.k8s.io/pause:3.10, registry.k8s.io/pause:3.10, registry.k8s.io/pause:3.10",
        "localhost:5000, docker.io/library/localhost:5000, localhost:5000",
        "localhost/web, localhost/web:latest, localhost/web:latest",
        "localhost:5000/web, localhost:5000/web:latest, localhost:5000/web:latest",
        "localhost:5000/team/app/web:2, localhost:5000/team/app/web:2, localhost:5000/team/app/web:2",
        "127.0.0.1:5000/a/b, 127.0.0.1:5000/a/b:latest, 127.0.0.1:5000/a/b:latest",
        "[::1]:5000/web, [::1]:5000/web:latest, [::1]:5000/web:latest",
        "[2001:db8::1]/web:1, [2001:db8::1]/web:1, [2001:db8::1]/web:1",
        "Host/web, Host/web:latest, Host/web:latest",
        "myhost:80/web, myhost:80/web:latest, myhost:80/web:latest",
        "myhost/web, docker.io/myhost/web:latest, myhost/web:latest",
        "a__b/c-d.e--f:_1, docker.io/a__b/c-d.e--f:_1, a__b/c-d.e--f:_1",
        "foo_bar.com:80/x, foo_bar.com:80/x:latest, ''",
    })
    void a_name_has_one_canonical_and_one_familiar_form(String text, String canonical, String familiar)
            throws InvalidReferenceException {
        if (familiar.isEmpty()) {
            assertThrows(InvalidReferenceException.class, () -> Reference.parse(text));
            return;
        }

        Reference reference = Reference.parse(text);

        assertEquals(canonical, reference.toString());
        assertEquals(familiar, reference.familiar());
        assertEquals(reference, Reference.parse(canonical));
        assertEquals(reference, Reference.parse(familiar));
    }

    @Test
    @DisplayName("S57 a reference is a repository and a tag")
    void a_reference_has_repository_and_tag() throws InvalidReferenceException {
        Reference reference = Reference.parse("registry.lan:5000/team/web:1.2");

        assertEquals(new Repository("registry.lan:5000", "team/web"), reference.repository());
        assertEquals("1.2", reference.tag());
        assertEquals("1.2", reference.target());
    }

    @Test
    @DisplayName("S58 no tag means latest")
    void no_tag_means_latest() throws InvalidReferenceException {
        assertEquals(Reference.parse("ubuntu:latest"), Reference.parse("ubuntu"));
        assertEquals("latest", Reference.parse("localhost:5000/ubuntu").tag());
    }

    @Test
    @DisplayName("S59 tags of one repository name different images")
    void tags_of_one_repository_are_different_names() throws InvalidReferenceException {
        Reference older = Reference.parse("ubuntu:14.04");
        Reference newer = Reference.parse("ubuntu:16.04");

        assertEquals(older.repository(), newer.repository());
        assertTrue(older.compareTo(newer) < 0);
    }

    @Test
    void a_digest_decides_and_needs_no_tag() throws InvalidReferenceException {
        Reference bare = Reference.parse("ubuntu@sha256:" + HEX);
        Reference both = Reference.parse("localhost:5000/a/b:v1@sha256:" + HEX);

        assertEquals("docker.io/library/ubuntu@sha256:" + HEX, bare.toString());
        assertEquals("", bare.tag());
        assertEquals("sha256:" + HEX, bare.target());
        assertEquals("v1", both.tag());
        assertEquals("sha256:" + HEX, both.target());
        assertEquals(both, Reference.parse("localhost:5000/a/b:v1").pinned(new Digest("sha256:" + HEX)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "ubuntu:",
                "ubuntu:-x",
                "ubuntu:a b",
                "Ubuntu",
                "docker.io/Ubuntu",
                "a//b",
                "/a",
                "a/",
                "a/b/",
                "-a",
                "a-",
                "a..b",
                "a___b",
                "ubuntu@",
                "ubuntu@sha256:abc",
                "ubuntu@md5:d41d8cd98f00b204e9800998ecf8427e",
                "localhost:5000/",
                "localhost:port/web",
                "host:123456/web",
                "../etc/passwd",
                "a/../b",
                "a\nb",
                "http://host/web",
                HEX
            })
    void what_is_not_a_name_is_refused(String text) {
        assertThrows(InvalidReferenceException.class, () -> Reference.parse(text));
    }

    @Test
    void capitals_are_explained() {
        InvalidReferenceException refusal =
                assertThrows(InvalidReferenceException.class, () -> Reference.parse("docker.io/Ubuntu"));

        assertEquals("image name \"docker.io/Ubuntu\": repositories are lower case", refusal.getMessage());
    }

    @Test
    void a_name_of_more_than_255_characters_is_refused() throws InvalidReferenceException {
        assertThrows(InvalidReferenceException.class, () -> Reference.parse("h.io/" + "a".repeat(251)));
        assertThrows(InvalidReferenceException.class, () -> Reference.parse("a".repeat(250)));
        assertEquals(
                229, Reference.parse("a".repeat(229)).repository().familiar().length());
    }

    @Test
    void a_tag_has_at_most_128_characters() throws InvalidReferenceException {
        assertEquals(128, Reference.parse("a:" + "t".repeat(128)).tag().length());
        assertThrows(InvalidReferenceException.class, () -> Reference.parse("a:" + "t".repeat(129)));
    }
}
