/// Reads the protobuf bodies that Kubernetes clients send.
@NullMarked
package dev.slipway.door.protobuf;

import org.jspecify.annotations.NullMarked;
