package dev.slipway.door.apiserver;

import java.time.Duration;

/// How a client wants to watch.
///
/// @param from events after this version; 0 begins with the objects there are
/// @param sendsInitial begins with the objects there are, and tells by a bookmark when they have been sent
/// @param sendsBookmarks tells the version from time to time, so that a client that reconnects need not list again
/// @param timeout after which the stream ends
record WatchOptions(long from, boolean sendsInitial, boolean sendsBookmarks, Duration timeout) {}
