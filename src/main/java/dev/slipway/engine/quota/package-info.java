/// Lets the file system count what a tree takes, and refuse what goes beyond a limit, where it has project quotas.
///
/// Words: a *project* is a set of files that a file system counts together, by a number ([ProjectId]); a tree is *of* a
/// project when its root passes the number on to all that is made below.
///
/// In: directories of Slipway's own, which are empty or whose files join too. Out: numbers, and what they take.
///
/// Two ways to remember which project a tree is: trees that stay are noted by who keeps them ([ProjectQuotas]); those
/// that come and go say it themselves ([CountedTrees]).
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
/// What a quota does not hold, with any engine: on ext4 whoever has CAP_SYS_RESOURCE of the host, which a container has
/// only if it is given it or privileged. And who owns a file, in the user namespace of the host, may move it out of its
/// project; to move it into another's, and fill that, takes its number, which is random. Processes in a user namespace
/// of their own can do neither.
@NullMarked
package dev.slipway.engine.quota;

import org.jspecify.annotations.NullMarked;
