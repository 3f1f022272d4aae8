package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.TagSpec;
import dev.slipway.desired.model.TagStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Tag`: a movable name of an image.
final class TagKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Tag", "tags", "tag", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return TagSpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return TagStatus.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("slipway.dev/tag");
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Repository", "What it names.", "/spec/repository"),
                Column.text("Tag", "Which version.", "/spec/tag"),
                Column.computed("Digest", "What it points at.", (object, now) -> OwnKind.shortDigest(object.status()))
                        .from(".status.digest"),
                OwnKind.ready(),
                Column.AGE);
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.hasNonNull("tag")) {
            spec.put("tag", "latest");
        }
        if (!spec.hasNonNull("historyLimit")) {
            spec.put("historyLimit", 10);
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        spec.at("repository").requireReads(ImageNames::repository);
        spec.at("tag").reads(ImageNames::tag);
        spec.at("historyLimit").notNegative();
        Place target = spec.at("target");
        target.exactlyOneOf(List.of("image", "digest"));
        if (target.at("image").isThere()) {
            target.at("image").at("name").requireReads(Names::subdomain);
        }
        target.at("digest").reads(ImageNames::digest);
    }
}
