package dev.slipway.desired.collect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.ArrayList;
import java.util.List;

/// One owner, as a dependent names it.
///
/// @param blocks whether an owner that goes in the foreground waits for this dependent
record Owner(String apiVersion, String kind, String name, String uid, boolean blocks) {
    static List<Owner> of(ApiObject dependent) {
        List<Owner> owners = new ArrayList<>();
        for (JsonNode node : dependent.metadata().path("ownerReferences")) {
            owners.add(new Owner(
                    node.path("apiVersion").asText(),
                    node.path("kind").asText(),
                    node.path("name").asText(),
                    node.path("uid").asText(),
                    node.path("blockOwnerDeletion").asBoolean()));
        }
        return owners;
    }
}
