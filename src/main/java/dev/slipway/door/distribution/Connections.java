package dev.slipway.door.distribution;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// The connections of one registry, and the requests on them: there are only so many, and a connection that asks
/// nothing is closed, whatever trickles in.
/// Safe for use by many threads.
final class Connections {
    private final Limits limits;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HttpConnection, Use> open = new HashMap<>();
    private final AtomicInteger requests = new AtomicInteger();

    Connections(Limits limits, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
    }

    /// @param requests that are being answered
    /// @param since when there are so many
    private record Use(int requests, Instant since) {}

    /// A client has connected; one too many is sent away.
    void opened(HttpConnection connection) {
        boolean isWelcome;
        lock.lock();
        try {
            isWelcome = open.size() < limits.connections();
            if (isWelcome) {
                open.put(connection, new Use(0, clock.instant()));
            }
        } finally {
            lock.unlock();
        }
        if (isWelcome) {
            connection.closeHandler(nothing -> closed(connection));
        } else {
            cut(connection);
        }
    }

    /// Closes a connection at once. To close it in the ordinary way waits until the client has taken what was
    /// written.
    static void cut(HttpConnection connection) {
        if (connection instanceof HttpServerConnection served) {
            served.channelHandlerContext().close();
        } else {
            connection.close();
        }
    }

    private void closed(HttpConnection connection) {
        lock.lock();
        try {
            open.remove(connection);
        } finally {
            lock.unlock();
        }
    }

    /// A request has begun. A connection has one at a time, but on HTTP/2.
    ///
    /// @return whether there are no more of them than there may be connections
    boolean begun(HttpConnection connection) {
        count(connection, 1);
        return requests.incrementAndGet() <= limits.connections();
    }

    /// A request has been answered, or given up.
    void ended(HttpConnection connection) {
        requests.decrementAndGet();
        count(connection, -1);
    }

    private void count(HttpConnection connection, int change) {
        lock.lock();
        try {
            open.computeIfPresent(connection, (same, use) -> new Use(use.requests() + change, clock.instant()));
        } finally {
            lock.unlock();
        }
    }

    /// Closes those that have asked nothing for long.
    void expire() {
        Instant limit = clock.instant().minus(limits.patience());
        List<HttpConnection> idle;
        lock.lock();
        try {
            idle = open.entrySet().stream()
                    .filter(each -> each.getValue().requests() == 0
                            && each.getValue().since().isBefore(limit))
                    .map(Map.Entry::getKey)
                    .toList();
        } finally {
            lock.unlock();
        }
        idle.forEach(Connections::cut);
    }
}
