package dev.slipway.desired.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A write that waits for its commit: decided by the committing thread, waited for by the writer. What was decided is
/// told only after the commit, because it may rest on writes of the same commit.
final class Write {
    /// Whole numbers are alike when their values are: a tree that was read holds smaller number nodes than one that
    /// was made by hand.
    private static final Comparator<JsonNode> ALIKE = (left, right) -> left.equals(right)
                    || left.isIntegralNumber()
                            && right.isIntegralNumber()
                            && left.bigIntegerValue().equals(right.bigIntegerValue())
            ? 0
            : 1;

    private final ObjectKey key;
    private final Wish wish;
    private final CompletableFuture<ApiObject> done = new CompletableFuture<>();
    private @Nullable ApiObject result;
    private @Nullable Exception refusal;

    Write(ObjectKey key, Wish wish) {
        this.key = key;
        this.wish = wish;
    }

    /// What is to happen to the object.
    sealed interface Wish {
        record Create(ApiObject object) implements Wish {}

        record Update(ApiObject object, long expected) implements Wish {}

        record Delete(long expected) implements Wish {}
    }

    ObjectKey key() {
        return key;
    }

    /// Waits until the write is durable or refused.
    ApiObject await() throws InterruptedException, ExecutionException {
        return done.get();
    }

    /// Tells the writer what was decided.
    void committed() {
        if (refusal != null) {
            done.completeExceptionally(refusal);
        } else {
            done.complete(Objects.requireNonNull(result));
        }
    }

    /// Tells the writer that nothing was written.
    void failed(IOException why) {
        done.completeExceptionally(why);
    }

    /// The change under `version`, or null when this write needs none.
    ///
    /// @param current the object as the writes before this one leave it
    @Nullable
    Change decide(@Nullable Stored current, long version) {
        try {
            return change(current, version);
        } catch (RuntimeException e) {
            // A tree that cannot be stored is its writer's bug, and must not end the thread that commits for all.
            return refused(e);
        }
    }

    private @Nullable Change change(@Nullable Stored current, long version) {
        return switch (wish) {
            case Wish.Create create ->
                current == null
                        ? changed(new Change(key, stamped(create.object(), version), null, false))
                        : refused(new AlreadyExistsException(key));
            case Wish.Update update ->
                current == null || current.version() != update.expected()
                        ? refused(new ConflictException(key))
                        : updated(current, update.object(), version);
            case Wish.Delete delete ->
                current == null || current.version() != delete.expected()
                        ? refused(new ConflictException(key))
                        : changed(new Change(key, stamped(current.object(), version), current, true));
        };
    }

    private @Nullable Change updated(Stored current, ApiObject object, long version) {
        if (stamp(object, current.version())
                .tree()
                .equals(ALIKE, current.object().tree())) {
            result = current.object();
            return null;
        }
        return changed(new Change(key, stamped(object, version), current, false));
    }

    private Change changed(Change change) {
        result = change.after().object();
        return change;
    }

    private @Nullable Change refused(Exception why) {
        refusal = why;
        return null;
    }

    private static Stored stamped(ApiObject object, long version) {
        return Stored.of(stamp(object, version), version);
    }

    private static ApiObject stamp(ApiObject object, long version) {
        ObjectNode tree = object.copyTree();
        tree.withObject("/metadata").put("resourceVersion", Long.toString(version));
        return ApiObject.of(tree);
    }
}
