package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.TagFollows;
import dev.slipway.actor.tag.TagTargets;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.RepositoryContents;
import dev.slipway.engine.repository.StoredManifest;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Makes known what is pushed to the registries of this host: each tag there that points at an image is a Tag object,
/// made by itself unless somebody has declared one, and Tags that follow it look at once. Thread-safe.
final class PushedTags {
    private static final Logger LOG = Logger.getLogger(PushedTags.class);
    private static final String IMPLICIT = OwnGroup.GROUP + "/implicit";

    private final ObjectApi objects;
    private final Repositories repositories;
    private final LocalNames names;
    private final TagFollows follows;
    private final Consumer<ObjectKey> touched;

    PushedTags(
            ObjectApi objects,
            Repositories repositories,
            LocalNames names,
            TagFollows follows,
            Consumer<ObjectKey> touched) {
        this.objects = objects;
        this.repositories = repositories;
        this.names = names;
        this.follows = follows;
        this.touched = touched;
    }

    /// Looks at every tag that there is: an engine may have ended between a push and its Tag.
    void recover() {
        for (Repository repository : repositories.list()) {
            repositories.contents(repository).tags().keySet().forEach(tag -> {
                Reference name = new Reference(repository, tag, null);
                if (isServed(name) && names.tag(name).isEmpty()) {
                    changed(name);
                }
            });
        }
    }

    /// A tag was pushed, or taken away.
    void changed(Reference name) {
        if (!isServed(name)) {
            return;
        }
        for (ApiObject tag : objects.store().list(ImageObjects.TAGS, "").items()) {
            if (TagTargets.concerns(tag, name)) {
                ObjectKey key = ImageObjects.tagKey(tag.name());
                follows.stale(key);
                touched.accept(key);
            }
        }
        objects.store().list(ImageObjects.REGISTRIES, "").items().stream()
                .filter(registry -> isOf(registry, name))
                .forEach(registry -> touched.accept(new ObjectKey(ImageObjects.REGISTRIES, "", registry.name())));
        try {
            show(name);
        } catch (ApiException e) {
            LOG.warnf("pushed tag not shown name=%s reason=\"%s\"", name, e.getMessage());
        }
    }

    private void show(Reference name) throws ApiException {
        Optional<ApiObject> shown = names.tag(name);
        boolean isHere = repositories
                .find(name)
                .filter(manifest -> isImage(name, manifest))
                .isPresent();
        if (isHere && shown.isEmpty()) {
            objects.create(kind(), "", implicit(name), WriteOptions.by(""));
        } else if (!isHere && shown.filter(PushedTags::isImplicit).isPresent()) {
            ApiObject gone = shown.get();
            objects.delete(kind(), ImageObjects.tagKey(gone.name()), Deletion.PLAIN.of(gone.uid()));
        }
    }

    /// Whether a registry of that host is served here: what is fetched for others is nobody's push.
    private boolean isServed(Reference name) {
        return objects.store().list(ImageObjects.REGISTRIES, "").items().stream()
                .anyMatch(registry -> isOf(registry, name));
    }

    private static boolean isOf(ApiObject registry, Reference name) {
        return registry.spec().path("serve").isObject()
                && registry.spec()
                        .path("host")
                        .asText()
                        .equals(name.repository().host());
    }

    /// Whether it can be run, unlike a signature or a chart.
    private boolean isImage(Reference name, StoredManifest manifest) {
        RepositoryContents contents = repositories.contents(name.repository());
        return new MediaType(manifest.artifactType()).isConfig()
                || manifest.manifests().stream()
                        .map(contents.manifests()::get)
                        .anyMatch(child -> child != null && new MediaType(child.artifactType()).isConfig());
    }

    private static boolean isImplicit(ApiObject tag) {
        return "true".equals(tag.labels().get(IMPLICIT));
    }

    private static ObjectNode implicit(Reference name) {
        ObjectNode object = ObjectCodec.json().createObjectNode();
        object.put("apiVersion", OwnGroup.API_VERSION).put("kind", "Tag");
        ObjectNode metadata = object.putObject("metadata").put("name", ImageObjects.implicitName(name));
        metadata.putObject("labels").put(IMPLICIT, "true");
        ObjectNode spec = object.putObject("spec");
        spec.put("repository", name.repository().familiar()).put("tag", name.tag());
        spec.putObject("target")
                .putObject("follow")
                .put("reference", name.familiar())
                .put("interval", "1h")
                .put("onPush", true);
        return object;
    }

    private Kind kind() {
        return objects.kinds().find(ImageObjects.TAGS).orElseThrow();
    }
}
