/// Holds images to the signatures that their registries' policies ask for.
///
/// Words: a *statement* is a signed document about one digest; an image is *signed* for a repository if the key of that
/// registry has signed its manifest, or an index that it was chosen from, and the statement is kept in that repository;
/// a *verdict* is what came of the last look.
///
/// In: references, digests, policies. Out: [Verdict], or [UnverifiedImageException] where a policy is enforced.
///
/// Never: fetches an image, or decides what is done without one.
///
/// What was found to be signed is remembered on the disk, with the repository and the key that it was found by: an
/// image that is here can be used again while its registry does not answer, and another key or another repository is
/// looked at anew, wherever the image came from. That something has no signature is not remembered: it may get one.
///
/// Where a policy only warns, nothing that goes wrong with signatures stops a pull, also not a registry that does not
/// tell of them.
@NullMarked
package dev.slipway.engine.signature;

import org.jspecify.annotations.NullMarked;
