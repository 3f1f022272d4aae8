package dev.slipway.door.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressesTest {
    @Test
    void a_host_port_is_reached_through_the_loopback() throws IOException {
        assertEquals(
                List.of("http://127.0.0.1:8080/"),
                of("{'ports': [{'containerPort': 80, 'hostPort': 8080}, {'containerPort': 9}]}"));
        assertEquals(
                List.of("http://127.0.0.1:80/"),
                of("{'ports': [{'containerPort': 80, 'hostPort': 80, 'hostIP': '0.0.0.0'}]}"));
    }

    @Test
    void an_address_of_its_own_is_kept() throws IOException {
        assertEquals(
                List.of("http://192.0.2.1:80/"),
                of("{'ports': [{'containerPort': 80, 'hostPort': 80, 'hostIP': '192.0.2.1'}]}"));
        assertEquals(
                List.of("http://[fd00::1]:80/"),
                of("{'hostNetwork': true, 'ports': [{'containerPort': 80, 'hostPort': 80, 'hostIP': 'fd00::1'}]}"));
    }

    @Test
    void a_port_that_is_not_mapped_is_not_claimed_to_be_reached() throws IOException {
        assertEquals(List.of(), of("{'ports': [{'containerPort': 80, 'hostPort': 80, 'hostIP': 'fd00::1'}]}"));
    }

    @Test
    void only_what_usually_speaks_http_is_said_to() throws IOException {
        assertEquals(List.of("tcp://127.0.0.1:5432"), of("{'ports': [{'containerPort': 5432, 'hostPort': 5432}]}"));
        assertEquals(List.of("https://127.0.0.1:9443/"), of("{'ports': [{'containerPort': 8443, 'hostPort': 9443}]}"));
        assertEquals(
                List.of("udp://127.0.0.1:53"),
                of("{'ports': [{'containerPort': 53, 'hostPort': 53, 'protocol': 'UDP'}]}"));
        assertEquals(
                List.of("http://127.0.0.1:7777/"),
                of("{'ports': [{'containerPort': 7777, 'hostPort': 7777, 'name': 'http-admin'}]}"));
    }

    @Test
    void a_pod_has_the_ports_of_all_its_containers_and_on_the_host_all_of_them_are_open() throws IOException {
        assertEquals(
                List.of("http://127.0.0.1:80/", "tcp://127.0.0.1:6379"),
                of("{'hostNetwork': true, 'containers': [{'ports': [{'containerPort': 80}]},"
                        + " {'ports': [{'containerPort': 6379}]}]}"));
    }

    private static List<String> of(String spec) throws IOException {
        String json = "{'kind': 'Container', 'spec': %s}".formatted(spec).replace('\'', '"');
        return Addresses.of(ApiObject.of(ObjectCodec.readObject(json.getBytes(StandardCharsets.UTF_8))));
    }
}
