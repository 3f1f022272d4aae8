/// Level-triggered loops: a queue of keys, one worker a key, back-off, events.
@NullMarked
package dev.slipway.desired.reconcile;

import org.jspecify.annotations.NullMarked;
