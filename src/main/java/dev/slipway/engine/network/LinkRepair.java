package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetlinkSocket;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compares the interfaces of pods with what they should be, and puts back what is missing. Nobody attaches or detaches
/// meanwhile.
record LinkRepair(NetlinkSocket route, Bridge bridge, ReadyNetworks ready, AttachmentFiles files) {
    /// @param attachments that are changed where a pod gets another interface
    /// @param links of the host, by their names
    /// @return what was wrong, in words
    List<String> repair(Map<PodUid, Attachment> attachments, Map<String, Links.Link> links) {
        List<String> wrong = new ArrayList<>();
        for (Attachment attachment : attachments.values()) {
            try {
                Optional<Links.Link> link = Optional.ofNullable(links.get(attachment.link()));
                if (link.isEmpty()) {
                    wrong.add("interface %s of pod %s was removed".formatted(attachment.link(), attachment.pod()));
                    attachments.put(attachment.pod(), connected(attachment));
                } else if (!link.get().up() || link.get().master() != bridge.index()) {
                    wrong.add("interface %s of pod %s had left the bridge"
                            .formatted(attachment.link(), attachment.pod()));
                    route.exchange(List.of(
                            Links.setMaster(link.get().index(), bridge.index()),
                            Links.setHairpin(link.get().index())));
                }
            } catch (IOException e) {
                // A container may have done anything to its own network; those of others are looked at all the same.
                wrong.add("network of pod %s is beyond repair: %s".formatted(attachment.pod(), e.getMessage()));
            }
        }
        return wrong;
    }

    private Attachment connected(Attachment attachment) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(files.netns(attachment.pod()))) {
            String link = ready.connect(namespace, attachment.address());
            Attachment again = new Attachment(attachment.pod(), attachment.address(), link, attachment.ports());
            files.write(again);
            return again;
        }
    }
}
