/// What is costly to make and wanted at once is made before somebody wants it.
///
/// Words: a *stock* ([Stock]) holds a few of one thing, ready to be taken, and is filled again behind the taker's back.
///
/// Never: knows what it holds, starts threads.
@NullMarked
package dev.slipway.engine.stock;

import org.jspecify.annotations.NullMarked;
