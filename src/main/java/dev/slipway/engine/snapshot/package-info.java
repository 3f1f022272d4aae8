/// Stacks layers into root file systems.
///
/// Words: a *layer directory* is one unpacked layer, shared by all images that have it, and never changed; a *writable
/// layer* takes what one container writes; a *staging* is a layer directory that nobody sees yet.
///
/// In: diffIDs, keys of writable layers. Out: directories for overlayfs.
///
/// Never: mounts anything, reads archives, knows who uses a layer.
///
/// ```
/// <root>/snapshots/layers/<hex of diffID>     one layer
/// <root>/snapshots/staging/<n>                a layer on its way
/// <root>/snapshots/writable/<key>/{upper,work}
/// ```
@NullMarked
package dev.slipway.engine.snapshot;

import org.jspecify.annotations.NullMarked;
