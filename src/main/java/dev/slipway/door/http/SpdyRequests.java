package dev.slipway.door.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/// Lets connections become SPDY. Clients ask for that by POST, and Vert.x gives a connection out of its hands for GET
/// only, so such a request is made one before Vert.x sees it. It has no body.
public final class SpdyRequests extends ChannelInboundHandlerAdapter {
    private static final String VERTX = "handler";

    private SpdyRequests() {}

    /// To be called with each connection of a server.
    public static void allow(HttpConnection connection) {
        if (connection instanceof HttpServerConnection server) {
            Channel channel = server.channel();
            if (channel.pipeline().get("httpDecoder") != null
                    && channel.pipeline().get(VERTX) != null) {
                channel.pipeline().addBefore(VERTX, "spdy", new SpdyRequests());
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest request
                && request.method().equals(HttpMethod.POST)
                && request.headers().containsValue(HttpHeaderNames.UPGRADE, "SPDY/3.1", true)) {
            request.setMethod(HttpMethod.GET);
        }
        super.channelRead(context, message);
    }
}
