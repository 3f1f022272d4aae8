/// How a change meets an object: JSON patch, merge patch, strategic merge patch, server-side apply.
@NullMarked
package dev.slipway.desired.merge;

import org.jspecify.annotations.NullMarked;
