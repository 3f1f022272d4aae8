/// Reads the logs of containers for clients.
///
/// Words: a *run* is a container's life from start to exit; its log is one or more *files* in CRI format, rotated while
/// they are read; an *entry* is a line of such a file, a *line* is what the container wrote up to its line feed.
///
/// In: files, whose places somebody else knows ([ContainerLogs]). Out: text.
///
/// Never: writes, rotates or removes a log.
///
/// Invariants: a follower loses and repeats nothing when files are rotated under it, and costs nothing while nothing is
/// written.
@NullMarked
package dev.slipway.door.logs;

import org.jspecify.annotations.NullMarked;
