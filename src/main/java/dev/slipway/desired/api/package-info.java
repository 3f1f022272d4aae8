/// The one door to the store: every verb, with defaults, validation, versions, finalizers and field owners.
///
/// Words: a *draft* is an object on its way to the store; a writer that names a resource version *pins* the write to
/// it;
/// a *manager* is the name under which a writer owns fields; a *deletion* marks an object, or ends it.
///
/// In: trees as clients sent them, patches, and how they are meant. Out: stored objects, warnings, refusals as
/// `ApiException`.
///
/// Never: HTTP, reconciling.
///
/// Invariants: what is stored was decoded strictly, completed and validated; `generation` counts changes of content and
/// nothing else; a write without effect writes nothing; fields that are stored and not enforced are named in the
/// condition `FieldsIgnored`. A rule that is younger than a stored object neither keeps it from being written nor
/// another one from being made of it: what was wrong there already is let be.
@NullMarked
package dev.slipway.desired.api;

import org.jspecify.annotations.NullMarked;
