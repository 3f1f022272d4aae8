package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The rules of one kind of object.
///
/// Words: to *complete* an object is to write its defaults into it; a *finding* is a broken rule with the path of its
/// field; an *ignored* field is one that Kubernetes knows and Slipway does not enforce yet.
///
/// In the life of a write: decode strictly against [#model] -> [#complete] -> [#validate] -> store; then
/// [#ignoredFields] become warnings. When read as a table: [#table].
public interface Kind {
    KindName name();

    /// What it is, in a sentence.
    default String description() {
        return Descriptions.of(name());
    }

    /// The class that describes its JSON, for strict decoding and for OpenAPI; of an own kind, that of its spec.
    Class<?> model();

    /// Whether names have no dots in them, so that they can be one part of a domain name.
    default boolean isNamedAsLabel() {
        return false;
    }

    /// The class that describes the status of an own kind.
    default Class<?> statusModel() {
        return Object.class;
    }

    /// Whether `status` is written apart from the rest.
    default boolean hasStatus() {
        return true;
    }

    /// Top-level fields beside metadata and status whose change makes a new generation.
    default List<String> contentFields() {
        return List.of("spec");
    }

    /// What `kubectl get` prints behind the name.
    List<Column> columns();

    /// All that `kubectl get` prints.
    default List<Column> table() {
        return Stream.concat(Stream.of(Column.NAME), columns().stream()).toList();
    }

    /// Writes defaults into `object`; must leave a completed object as it is.
    default void complete(ObjectNode object) {}

    /// Reports broken rules.
    ///
    /// @param before the stored object when this is an update
    default void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {}

    /// Paths of fields of this object that are known and not enforced yet, for instance `spec.affinity`.
    default List<String> ignoredFields(ApiObject object) {
        return List.of();
    }

    /// What its writer should know although it is accepted, in sentences that begin with the path of a field.
    default List<String> warnings(ApiObject object) {
        return List.of();
    }

    /// What every object of this kind waits for when it is deleted: somebody has kernel or disk state to free
    /// first.
    default List<String> finalizers() {
        return List.of();
    }

    /// Annotations that tell which user gave a field its value, with JSON pointers to those fields. Only the server
    /// writes them.
    default Map<String, String> attributed() {
        return Map.of();
    }

    /// Names by which `kubectl get all` and the like find it.
    default List<String> categories() {
        return List.of();
    }
}
