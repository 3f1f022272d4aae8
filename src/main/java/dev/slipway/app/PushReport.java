package dev.slipway.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.door.http.Sink;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.PushOutcome;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.BlobPush;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Tells a client how a push goes, a JSON document a line. A client that has gone ends the push.
record PushReport(Reference target, Sink sink) implements ImagePusher.Progress {
    @Override
    public void begun(List<Descriptor> blobs) throws IOException {
        tell(line().put("blobs", blobs.size())
                .put("bytes", blobs.stream().mapToLong(Descriptor::sizeBytes).sum()));
    }

    @Override
    public void sent(Descriptor blob, BlobPush.Sent how) throws IOException {
        String state =
                switch (how) {
                    case PRESENT -> "was there";
                    case MOUNTED -> "mounted from another repository";
                    case UPLOADED -> "sent";
                };
        tell(line().put("blob", blob.digest().value())
                .put("bytes", blob.sizeBytes())
                .put("state", state));
    }

    void ended(PushOutcome outcome) throws IOException {
        switch (outcome) {
            case PushOutcome.Pushed pushed -> {
                ObjectNode line = line().put("reference", target.familiar())
                        .put("digest", pushed.digest().value())
                        .put("sentBytes", pushed.sentBytes());
                tell(pushed.remark().isEmpty() ? line : line.put("remark", pushed.remark()));
            }
            case PushOutcome.Failed failed -> tell(line().put("failure", failed.message()));
        }
    }

    private static ObjectNode line() {
        return JsonNodeFactory.instance.objectNode();
    }

    private void tell(ObjectNode line) throws IOException {
        sink.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
