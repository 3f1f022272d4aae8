package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.YamlDocument;

/// One object as a file declares it.
///
/// @param file path below the source's directory
/// @param document where the object was written
/// @param path of the object in the document; empty unless it is an item of a list
record Declaration(String file, ApiObject object, YamlDocument document, String path) {
    int line() {
        return document.lineOf(path);
    }

    /// The line of a field of the object.
    int lineOf(String field) {
        return document.lineOf(path.isEmpty() || field.isEmpty() ? path + field : path + "." + field);
    }
}
