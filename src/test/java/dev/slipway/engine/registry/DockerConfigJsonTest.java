package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigJsonTest {
    private static final Repository HUB = new Repository("docker.io", "library/debian");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'auths':{'docker.io':{'auth':'YW5uYTpzZWNyZXQ='}}}",
                "{'auths':{'docker.io':{'auth':'YW5uYTpzZWNyZXQ'}}}",
                "{'auths':{'docker.io':{'username':'anna','password':'secret'}}}",
                "{'auths':{'docker.io':{'username':'anna','password':'secret','auth':'eDp5','email':'a@b'}}}",
                "{'https://index.docker.io/v1/':{'auth':'YW5uYTpzZWNyZXQ='}}",
                "{'auths':{'https://index.docker.io/v1/':{'auth':'YW5uYTpzZWNyZXQ='}},'credsStore':'x'}",
            })
    void a_name_and_a_password_are_found_in_every_form(String document) throws MalformedDocumentException {
        assertEquals(List.of(new Credentials("anna", "secret")), parse(document).find(HUB));
    }

    @Test
    void a_password_may_have_colons() throws MalformedDocumentException {
        // a:b:c
        assertEquals(
                List.of(new Credentials("a", "b:c")),
                parse("{'auths':{'docker.io':{'auth':'YTpiOmM='}}}").find(HUB));
    }

    @Test
    void an_identity_token_is_read() throws MalformedDocumentException {
        Credentials found = parse("{'auths':{'docker.io':{'auth':'YTo=','identitytoken':'t'}}}")
                .find(HUB)
                .getFirst();

        assertEquals(new Credentials("a", "", "t"), found);
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io, docker.io/library/debian, true",
        "index.docker.io, docker.io/library/debian, true",
        "registry.lan:5000, registry.lan:5000/team/web, true",
        "registry.lan, registry.lan:5000/team/web, true",
        "registry.lan:5000, registry.lan/team/web, false",
        "registry.lan:5000, registry.lan:6000/team/web, false",
        "https://registry.lan/v2/, registry.lan/team/web, true",
        "registry.lan/team, registry.lan/team/web, true",
        "registry.lan/team/web, registry.lan/team/web, true",
        "registry.lan/team, registry.lan/teams/web, false",
        "registry.lan/team/web/x, registry.lan/team/web, false",
        "*.lan, registry.lan/web, true",
        "*.lan, a.b.lan/web, false",
        "*.lan, lan/web, false",
        "reg*.lan:5000, registry.lan:5000/web, true",
        "r*g*y.lan, registry.lan/web, true",
        "*g*y.lan, gateway.lan/web, true",
        "re*re.lan, re.lan/web, false",
        "REGISTRY.lan, registry.lan/web, true",
        "[::1]:5000, [::1]:5000/web, true",
    })
    void a_key_matches_repositories_as_kubernetes_says(String key, String name, boolean matches) throws Exception {
        Repository repository = repository(name);

        assertEquals(matches, RepositoryPattern.parse(key).matches(repository));
    }

    @Test
    void the_most_exact_key_comes_first() throws MalformedDocumentException {
        Keyring keyring =
                parse("{'auths':{'*.lan':{'auth':'YTox'},'r.lan':{'auth':'YToy'},'r.lan/t/web':{'auth':'YToz'}}}");

        List<String> passwords = keyring.find(new Repository("r.lan", "t/web")).stream()
                .map(Credentials::password)
                .toList();

        assertEquals(List.of("3", "2", "1"), passwords);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "[]",
                "{'auths':[]}",
                "{'auths':{'docker.io':{'auth':'%%%'}}}",
                "{'auths':{'docker.io':{'auth':'c2VjcmV0'}}}",
            })
    void what_is_not_a_docker_configuration_is_refused_without_quoting_it(String document) {
        MalformedDocumentException refusal = assertThrows(MalformedDocumentException.class, () -> parse(document));

        assertFalse(refusal.toString().contains("secret"), refusal.toString());
        assertFalse(refusal.toString().contains("c2Vj"), refusal.toString());
    }

    private static Keyring parse(String document) throws MalformedDocumentException {
        return DockerConfigJson.parse(document.replace('\'', '"').getBytes(UTF_8));
    }

    private static Repository repository(String name) throws Exception {
        // A name without dot or port cannot be a host in a reference; here it stands for one.
        return name.startsWith("lan/")
                ? new Repository("lan", name.substring(4))
                : Reference.parse(name).repository();
    }
}
