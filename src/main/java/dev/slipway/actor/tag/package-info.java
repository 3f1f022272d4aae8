/// Decides where Tags point, looks after what they follow, and publishes what they point at.
///
/// Words: the *target* of a Tag is the image that its spec asks for now; the tag *moves* when it points at another
/// image from then on; a *consumer* runs what the tag points at; a *rollout* is the time after a move in which
/// consumers get ready; a digest is *quarantined* when its rollout failed: the tag does not go there again by itself.
///
/// In: Tags, what registries and repositories say, who is ready. Out: decisions, statuses, pushed images.
///
/// Never: names an image, rolls a consumer; that is for those who carry a decision out.
///
/// Decisions:
///
/// - What a spec says in so many words, a digest or `rollbackTo`, is done at once. An approval and a window hold back
///   what comes by itself: a new build, a new version in a registry.
/// - The history names the user who approved, pinned or went back, as the API server knows him, and the field manager
///   behind it. The user stands in annotations that only the server writes; of who pushed to a registry of this host,
///   the registry knows. What the engine or a watched directory wrote is known by its field manager alone.
/// - A digest that a spec names and that is not on this host is pulled from where the tag has its images from: what it
///   follows, what the Image that it names was pulled from, else its own repository. Meanwhile the tag stays.
/// - A rollout is judged by those consumers that shall run. One that is stopped or paused holds nothing up.
/// - A Deployment is ready when its rollout is complete. It may give up before the Tag's deadline, by its own.
/// - Who is ready for a moment only, as a program is that ends at once, is not taken for ready.
/// - A rollout that fails goes back to the last image whose rollout succeeded, else to the one before; if both are
///   gone, the tag stays and says so.
/// - An edited spec lifts the quarantine: who edits it wants another try.
/// - A push waits until the rollout has succeeded: what does not run here is not published.
/// - What is declared holds: where others have pushed over what a tag was pushed to, or have deleted it, it is pushed
///   again, and an event says what was there. Places are looked at every ten minutes, those of two owners more rarely.
///   A registry that does not answer has lost nothing.
/// - An index is pushed whole. What it lists for other platforms is not on this host: it goes from where the image came
///   from to where it is pushed, and is not kept here. Where it cannot be had, the image for this host is pushed alone,
///   and the condition `Pushed` says so. A followed index that changed for other platforms alone is pushed, too.
/// - What is about an image or an index, such as signatures, attestations and bills of materials, is not pushed with
///   it, be it a referrer or under a tag, neither that of the image for this host nor that of others. A signature
///   counts in the repository that has it: who pushes elsewhere signs there, or copies with `cosign copy`.
@NullMarked
package dev.slipway.actor.tag;

import org.jspecify.annotations.NullMarked;
