/// Makes the machine match Pods, Containers, Images, Tags and Volumes, and writes their status.
@NullMarked
package dev.slipway.actor.node;

import org.jspecify.annotations.NullMarked;
