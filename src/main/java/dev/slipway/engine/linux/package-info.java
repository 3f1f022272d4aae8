/// The only room with system calls.
///
/// Words: a *descriptor* ([Fd]) is an open file owned by one object and closed once; an *errno* ([Errno]) is why the
/// kernel refused; a *call* is named as in its man page, section 2.
///
/// In: values and paths from every other engine room. Out: descriptors, numbers, [LinuxException].
///
/// Never: policy. Nothing here knows what a container is.
///
/// Paths go in as `String` for names that Slipway chose and as `byte[]` for names that came from an image, because
/// Linux names are bytes. Every descriptor is opened close-on-exec.
@NullMarked
package dev.slipway.engine.linux;

import org.jspecify.annotations.NullMarked;
