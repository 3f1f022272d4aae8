package dev.slipway.engine.codec;

import java.util.Optional;
import java.util.function.Function;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jboss.logging.Logger;

/// A shared object of the host, bound to the functions that `T` names. Immutable.
record HostLibrary<T>(T functions, Runtime runtime) {
    private static final Logger LOG = Logger.getLogger(HostLibrary.class);

    /// Binds it, if the linker finds it and it passes `proof`.
    ///
    /// @param file as the linker knows it, with its version
    static <T> Optional<HostLibrary<T>> open(Class<T> type, String file, Function<HostLibrary<T>, Boolean> proof) {
        try {
            T functions = LibraryLoader.create(type).failImmediately().load(file);
            HostLibrary<T> library = new HostLibrary<>(functions, Runtime.getRuntime(functions));
            if (proof.apply(library)) {
                LOG.debugf("host library is used file=%s", file);
                return Optional.of(library);
            }
            LOG.warnf("host library is not used, because it gives wrong results file=%s", file);
        } catch (UnsatisfiedLinkError e) {
            LOG.debugf("host library is not there file=%s reason=%s", file, e.getMessage());
        } catch (RuntimeException e) {
            // One that refuses its proof, as a library that is bound to certified algorithms may.
            LOG.warnf(e, "host library is not used file=%s", file);
        }
        return Optional.empty();
    }

    /// Zeroed bytes outside the heap, which live as long as the pointer is reachable.
    Pointer memory(int bytes) {
        return Memory.allocateDirect(runtime, bytes, true);
    }
}
