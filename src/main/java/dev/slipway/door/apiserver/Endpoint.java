package dev.slipway.door.apiserver;

import java.io.IOException;

/// Answers all requests below one first part of the path.
@FunctionalInterface
interface Endpoint {
    /// @throws RefusedException when the request asks for what is not there or not allowed
    Reply answer(ApiRequest request) throws IOException, InterruptedException;
}
