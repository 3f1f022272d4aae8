/// Reads Dockerfiles as stages of a build.
///
/// Words: an *instruction* is a line with those that continue it; its *flags* are the words with two dashes before the
/// others; a *here-document* is text below an instruction that belongs to it; a *variable* is what `ARG` and `ENV`
/// define; a *trigger* is an instruction that an image has for whatever is built on it.
///
/// In: the text, arguments, triggers of the images that it begins with. Out: stages, whose steps fill in variables when
/// they are done, because what a base image says of its environment is known only then.
///
/// Never: reads files, builds. What is not understood is refused by its name and line, and never passed over.
///
/// Trade-offs: `WORKDIR` makes a layer, as with Docker, though there may be nothing in it; `ADD` takes files of the
/// context, unpacks archives among them, and does not fetch; with an owner named, all of an archive is given to that.
@NullMarked
package dev.slipway.engine.dockerfile;

import org.jspecify.annotations.NullMarked;
