/// The engine's own certificate authority, and the kubeconfig that trusts it.
@NullMarked
package dev.slipway.door.pki;

import org.jspecify.annotations.NullMarked;
