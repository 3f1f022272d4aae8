/// Lets the file system count what a tree takes, and refuse what goes beyond a limit, where it has project quotas.
///
/// Words: a *project* is a set of files that a file system counts together, by a number ([ProjectId]); a tree is *of* a
/// project when its root passes the number on to all that is made below.
///
/// In: directories of Slipway's own, which are empty or whose files join too. Out: numbers, and what they take.
///
/// Never: polls, walks to count, or uses what an administrator has set up: a directory that is of a project already
/// keeps that.
///
/// The truth of which numbers are taken is the file system's own: a number is free while no file is of it. So several
/// engines share a file system without knowing of each other, and nothing has to be cleaned up after a crash.
///
/// Where nothing is enforced (no such file system, not mounted with `prjquota`, no right to ask) the rooms that use
/// this walk and watch.
///
/// What a quota does not hold, with any engine: whoever has CAP_SYS_RESOURCE on ext4, which no container has that is
/// not privileged; and who is root of the host's user namespace, and so owns files there, may move them out of their
/// project. To move them into another's, and fill that, takes its number, which is random. Processes in a user
/// namespace of their own can do neither.
@NullMarked
package dev.slipway.engine.quota;

import org.jspecify.annotations.NullMarked;
