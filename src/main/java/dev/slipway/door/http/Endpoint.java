package dev.slipway.door.http;

import java.io.IOException;

/// Answers all requests below one first part of the path.
@FunctionalInterface
public interface Endpoint {
    /// @throws RefusedException when the request asks for what is not there or not allowed
    Reply answer(ApiRequest request) throws IOException, InterruptedException;
}
