package dev.slipway.door.jsonpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The cases of Kubernetes' documentation, and what else people write.
///
/// @spec https://kubernetes.io/docs/reference/kubectl/jsonpath/ Kubernetes: JSONPath Support
class TemplateTest {
    private static final String LIST = """
            {"kind": "List",
             "items": [
               {"kind": "None",
                "metadata": {"name": "127.0.0.1", "labels": {"kubernetes.io/hostname": "127.0.0.1"}},
                "status": {"capacity": {"cpu": "4"}, "addresses": [{"type": "LegacyHostIP", "address": "127.0.0.1"}]}},
               {"kind": "None",
                "metadata": {"name": "127.0.0.2"},
                "status": {"capacity": {"cpu": "8"}, "ready": true, "restarts": 3,
                           "addresses": [{"type": "LegacyHostIP", "address": "127.0.0.2"},
                                         {"type": "another", "address": "127.0.0.3"}]}}],
             "users": [{"name": "myself", "user": {}},
                       {"name": "e2e", "user": {"username": "admin", "password": "secret"}}]}
            """;

    @Test
    void children_are_named_with_dots_or_in_brackets() throws IOException {
        assertRendered("List", "{.kind}");
        assertRendered("List", "{['kind']}");
        assertRendered("List", "{$.kind}");
        assertRendered("kind is List!", "kind is {.kind}!");
        assertRendered("127.0.0.1", "{.items[0].metadata.labels.kubernetes\\.io/hostname}");
        assertRendered("127.0.0.1", "{.items[0].metadata.labels['kubernetes\\.io/hostname']}");
    }

    @Test
    void arrays_have_indexes_and_slices() throws IOException {
        assertRendered("e2e", "{.users[1].name}");
        assertRendered("e2e", "{.users[-1].name}");
        assertRendered("myself", "{.users[-2].name}");
        assertRendered("myself", "{.users[-3:-1].name}");
        assertRendered("myself e2e", "{.users[0:2].name}");
        assertRendered("e2e", "{.users[1:].name}");
        assertRendered("myself", "{.users[::2].name}");
        assertRendered("", "{.users[7].name}");
        assertRendered("", "{.users[-7].name}");
        assertRendered("", "{.users[2147483647].name}");
        assertEquals("3", Template.parse("{.a[2::2147483647]}").render(new ObjectMapper().readTree("{\"a\":[1,2,3]}")));
        assertRendered("127.0.0.3", "{.items[1].status.addresses[-1::2147483647].address}");
        assertRendered("myself e2e", "{.users[-2147483648:].name}");
    }

    @Test
    void words_in_braces_may_have_spaces_beside_them() throws IOException {
        assertRendered("[myself][e2e]", "{ range .users[*] }[{ .name }]{ end }");
        assertRendered("[myself][e2e]!", "{range .users[*]}[{.name}]{end }!");
        assertThrows(IllegalArgumentException.class, () -> Template.parse("{range .users[*]}{ .name }"));
        assertThrows(IllegalArgumentException.class, () -> Template.parse("{ end }"));
    }

    @Test
    void a_star_is_every_child_and_two_dots_are_whatever_is_below() throws IOException {
        assertRendered("127.0.0.1 127.0.0.2", "{.items[*].metadata.name}");
        assertRendered("127.0.0.1 127.0.0.2 myself e2e", "{..name}");
        assertRendered("4 8", "{.items[*].status.capacity.*}");
    }

    @Test
    void several_are_taken_in_brackets() throws IOException {
        assertRendered(
                "127.0.0.1 {\"cpu\":\"4\"} 127.0.0.2 {\"cpu\":\"8\"}",
                "{.items[*]['metadata.name', 'status.capacity']}");
    }

    @Test
    void filters_compare() throws IOException {
        assertRendered("secret", "{.users[?(@.name==\"e2e\")].user.password}");
        assertRendered("secret", "{.users[?(@.name == 'e2e')].user.password}");
        assertRendered("myself", "{.users[?(@.name!='e2e')].name}");
        assertRendered("127.0.0.2", "{.items[?(@.status.restarts>2)].metadata.name}");
        assertRendered("127.0.0.2", "{.items[?(@.status.restarts>=3.0)].metadata.name}");
        assertRendered("", "{.items[?(@.status.restarts<3)].metadata.name}");
        assertRendered("127.0.0.2", "{.items[?(@.status.restarts<=3)].metadata.name}");
        assertRendered("127.0.0.2", "{.items[?(@.status.ready==true)].metadata.name}");
        assertRendered("127.0.0.2", "{.items[?(@.status.ready)].metadata.name}");
        assertRendered("127.0.0.3", "{.items[*].status.addresses[?(@.type=='another')].address}");
    }

    @Test
    void a_range_is_written_for_each() throws IOException {
        assertRendered(
                "[127.0.0.1, 4] [127.0.0.2, 8] ", "{range .items[*]}[{.metadata.name}, {.status.capacity.cpu}] {end}");
        assertRendered(
                "127.0.0.1\tList\n127.0.0.2\tList\n", "{range .items[*]}{.metadata.name}{\"\\t\"}{$.kind}{'\\n'}{end}");
        assertRendered(
                "127.0.0.1:LegacyHostIP, 127.0.0.2:LegacyHostIP,another, ",
                "{range .items[*]}{.metadata.name}:{range .status.addresses[*]}{.type},{end} {end}");
    }

    @Test
    void what_is_not_there_is_no_text() throws IOException {
        assertRendered("", "{.nosuch.thing[0].at.all}");
        assertRendered("<>", "<{.kind.deeper}>");
    }

    @Test
    void what_is_no_text_is_json() throws IOException {
        assertRendered("{\"username\":\"admin\",\"password\":\"secret\"}", "{.users[1].user}");
        assertRendered("3 true", "{.items[1].status.restarts} {.items[1].status.ready}");
        assertRendered(new ObjectMapper().readTree(LIST).toString(), "{.}");
    }

    @Test
    void what_is_wrong_is_told_with_its_place() {
        for (String wrong : List.of(
                "{.a",
                "{a}",
                "{.a[}",
                "{.a[x]}",
                "{.a[?(@.b==)]}",
                "{.a[?(@.b=~'x')]}",
                "{.a[::0]}",
                "{range .a}",
                "{.a}{end}",
                "{end}",
                "{'a}",
                "{.a['b'}")) {
            assertThrows(IllegalArgumentException.class, () -> Template.parse(wrong), wrong);
        }
    }

    private static void assertRendered(String expected, String template) throws IOException {
        JsonNode list = new ObjectMapper().readTree(LIST);

        assertEquals(expected, Template.parse(template).render(list), template);
    }
}
