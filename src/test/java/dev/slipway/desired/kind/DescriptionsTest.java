package dev.slipway.desired.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JavaType;
import dev.slipway.desired.kind.slipway.Catalog;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DescriptionsTest {
    @Test
    void every_line_describes_a_field_that_some_kind_has() {
        Set<String> fields = new HashSet<>();
        Set<Class<?>> seen = new HashSet<>();
        Catalog.kinds().all().forEach(kind -> collect(ModelFields.ofObject(kind), fields, seen));

        Set<String> useless = new TreeSet<>(Descriptions.read().keySet());
        useless.removeAll(fields);
        Catalog.kinds().all().forEach(kind -> useless.remove(kind.name().kind()));

        assertEquals(Set.of(), useless);
    }

    @Test
    void every_kind_is_described() {
        Catalog.kinds()
                .all()
                .forEach(kind ->
                        assertNotEquals("", kind.description(), kind.name().kind()));
    }

    @Test
    void every_description_is_a_sentence() {
        Set<String> broken = new TreeSet<>();

        Descriptions.read().forEach((field, text) -> {
            if (!text.matches("(?s)\\p{Upper}.*\\.")) {
                broken.add(field + ": " + text);
            }
        });

        assertEquals(Set.of(), broken);
    }

    @Test
    void a_field_that_a_container_inlines_keeps_its_description() {
        Kind container =
                Catalog.kinds().find("slipway.dev/v1alpha1", "Container").orElseThrow();

        ModelFields.Field image = ModelFields.of(container.model()).get("image");

        assertEquals(
                "Reference of the image: one, two or more parts, with host, tag or digest if need be.",
                image.description());
    }

    private static void collect(Map<String, ModelFields.Field> fields, Set<String> names, Set<Class<?>> seen) {
        fields.forEach((name, field) -> {
            names.add(field.owner().getSimpleName() + "." + name);
            names.add("*." + name);
            JavaType type = field.type();
            while (type.getContentType() != null) {
                type = type.getContentType();
            }
            if (ModelFields.isStructured(type) && seen.add(type.getRawClass())) {
                collect(ModelFields.of(type.getRawClass()), names, seen);
            }
        });
    }
}
