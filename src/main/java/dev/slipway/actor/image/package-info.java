/// Makes Images present, moves Tags, knows how Registries are reached, and finds the images that pods name.
///
/// Words: an image's *own name* is what it is called on this host: the reference it is pulled as, or the name of the
/// object that builds it; an *implicit* Image is the object of an image that a pod merely names; an *errand* is a pull
/// or a build that runs aside; a *claim* is an object's word that it needs an image; an Image is *needed* when
/// something else than its own object says so, and
/// *collected* when its content went because nothing did.
///
/// In: Images, Tags, Registries, Secrets; the questions of pods. Out: present images and their names, statuses, events.
///
/// Never: starts containers, lets a pod use credentials that are not its own.
///
/// Decisions:
///
/// - An implicit Image never pulls: the pod that named it does, with its own credentials. Its object only shows it.
///   One that never came goes as soon as nothing names it any more.
/// - What a Tag points at or can go back to is an Image, too: where no other object shows it, an implicit one, labelled
///   `slipway.dev/shown-for=tag`, that claims nothing and goes when the content does.
/// - A name that a Tag has, or that an Image is built under, is never asked of a registry.
/// - An Image stays at the digest that it was pulled as until its spec changes. A built one is checked when its spec,
///   an annotation or its base changes, and when the engine starts; a check of unchanged inputs takes milliseconds and
///   writes nothing. So a file that changed on the host is taken in at the next start, or after
///   `kubectl annotate image NAME slipway.dev/rebuild=...`.
/// - A tag that is pushed to a registry of this host is a Tag object, an implicit one unless somebody declared it. Its
///   history says which user of the registry has pushed.
/// - A Tag claims the images of its history, so that it can go back to them.
/// - Content that no object claims and no pod uses is removed.
/// - An Image that somebody declared claims its content for as long as it is there, unless its retention says
///   `WhileReferenced`; implicit ones are so by themselves. Since when nothing needs an Image is kept in its status, so
///   that it outlives the engine; `actor.space` says when it goes. A declared one stays as an object and comes again
///   when something needs it.
/// - Where a registry's policy asks for signatures, an Image's condition `Verified` says what came of the last look. A
///   pod gets an image that is here only when it is known to be signed, wherever its bytes came from; a name that an
///   object on this host has is that object's word, and no registry's.
/// - A Volume needs the image that it is filled from until it has been filled.
/// - Whoever is about to use an image, a pod, a Volume or a build, says so first and looks for it after that; whoever
///   removes it hides it first and asks after that. So it is never taken from under a pod that was promised it. Who
///   could not be asked may need it.
@NullMarked
package dev.slipway.actor.image;

import org.jspecify.annotations.NullMarked;
