/// The files in `/etc` by which a pod knows names: what is said in `resolv.conf` and `hosts`.
///
/// Words: *settings* ([DnsSettings]) are what `resolv.conf` says; an *alias* is a further line of `hosts`.
///
/// In: the host's own files, a pod's address and names. Out: contents.
///
/// Never: reads or writes a file.
@NullMarked
package dev.slipway.engine.etc;

import org.jspecify.annotations.NullMarked;
