/// Makes images step by step, one layer a step, without a Dockerfile.
@NullMarked
package dev.slipway.engine.build;

import org.jspecify.annotations.NullMarked;
