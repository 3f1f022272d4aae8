package dev.slipway.actor.probe;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What is asked for by HTTP. Pure.
///
/// @param target path and query as they are sent: with a slash first, and what may not stand in a request escaped
record HttpPlace(boolean tls, String host, int port, String target) {
    private static final String UNSAFE = " \"<>\\^`{|}";
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    static HttpPlace of(Check.HttpGet get, String host) {
        return new HttpPlace(get.tls(), host, get.port(), target(get.path()));
    }

    /// Where a `Location` leads, seen from here; empty when it is none.
    Optional<HttpPlace> resolve(String location) {
        try {
            URI next = URI.create(toString()).resolve(location.strip());
            if (next.getHost() == null) {
                return Optional.empty();
            }
            boolean secure = "https".equalsIgnoreCase(next.getScheme());
            String query = next.getRawQuery() == null ? "" : "?" + next.getRawQuery();
            return Optional.of(new HttpPlace(
                    secure,
                    next.getHost().replaceAll("^\\[|]$", ""),
                    next.getPort() > 0 ? next.getPort() : secure ? HTTPS : HTTP,
                    target(next.getRawPath() + query)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String target(String path) {
        StringBuilder target = new StringBuilder(path.startsWith("/") ? "" : "/");
        int end = path.indexOf('#');
        for (byte each : path.substring(0, end < 0 ? path.length() : end).getBytes(StandardCharsets.UTF_8)) {
            if (each <= 0x1f || each == 0x7f || UNSAFE.indexOf(each) >= 0) {
                target.append("%%%02X".formatted(each & 0xff));
            } else {
                target.append((char) each);
            }
        }
        return target.toString();
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + GoText.address(host, port) + target;
    }
}
