package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Optional;

/// Where declarations go: the rules that a request over HTTP meets. Safe for use by several threads.
public interface Applier {
    /// The key under which `declared` is or would be stored, its namespace filled in.
    ///
    /// @return empty when no such kind is known
    Optional<ObjectKey> keyOf(ApiObject declared);

    /// What kind may be meant by one that is not known, in words.
    Optional<String> meant(String kind);

    /// Applies on the server side and takes over fields that others own.
    ///
    /// @param manager the field manager
    ApplyOutcome apply(ApiObject declared, String manager);

    /// Deletes as a client would, with the kind's own grace; an object that is gone already is deleted.
    DeleteOutcome delete(ObjectKey key);
}
