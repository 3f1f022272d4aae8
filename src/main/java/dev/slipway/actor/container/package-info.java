/// Keeps one Pod for each Container, with the life that the Container asks for, and writes its status.
@NullMarked
package dev.slipway.actor.container;

import org.jspecify.annotations.NullMarked;
