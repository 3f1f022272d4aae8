/// Reads what an Image says of its build into stages that the engine's builder can do.
///
/// Words: a *plan* is stages and the names of the images that they start from and copy from; a name is a reference, or
/// `Image/` and the name of an Image object.
///
/// In: build specs, which were validated, and the ConfigMaps and files that they name. Out: plans, or why there is
/// none.
///
/// Never: builds, looks for images.
@NullMarked
package dev.slipway.actor.build;

import org.jspecify.annotations.NullMarked;
