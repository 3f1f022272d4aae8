package dev.slipway.engine.signature;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.Verification;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Looks for signatures, and remembers what was found. Owns one file; [#start] reads it. Safe for use by many threads:
/// one lock guards what is remembered, and no registry is asked under it.
public final class Signatures {
    private static final Logger LOG = Logger.getLogger(Signatures.class);
    private static final int MOST_REMEMBERED = 10_000;
    private static final int MOST_VERDICTS = 1000;

    /// Where signatures may be.
    public record Places(ContentStore content, Repositories repositories, RegistryClient registry) {}

    private final Path file;
    private final Places places;
    private final ReentrantLock lock = new ReentrantLock();

    /// A line for each key, image and repository, the oldest first. Guarded by the lock.
    private final SequencedSet<String> signed = new LinkedHashSet<>();

    /// Guarded by the lock.
    private final Map<Reference, Verdict> verdicts = new LinkedHashMap<>();

    /// @param file where it is kept what was found to be signed
    public Signatures(Path file, Places places) {
        this.file = file;
        this.places = places;
    }

    /// Reads what is remembered.
    public void start() throws IOException {
        lock.lock();
        try {
            signed.addAll(Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            LOG.debugf("no signatures are remembered yet file=%s", file);
        } finally {
            lock.unlock();
        }
    }

    /// Whether an image may be used under the name of that repository without another look.
    public boolean isKnownGood(Repository repository, Digest image) {
        Verification asked = places.registry().verification(repository);
        return asked.mode() != Verification.Mode.ENFORCE || isRemembered(line(asked, repository, image));
    }

    /// What came of the last look for the image of that name; empty if nobody has looked.
    public Optional<Verdict> last(Reference name) {
        lock.lock();
        try {
            return Optional.ofNullable(verdicts.get(name));
        } finally {
            lock.unlock();
        }
    }

    /// Holds an image to what is asked of those of its registry.
    ///
    /// @param digests of the indexes that it was chosen from, and of its manifest as the last
    /// @throws UnverifiedImageException where the policy is enforced and the image is not signed
    public void verify(Reference reference, List<Digest> digests, Keyring keyring) throws IOException {
        Verification asked = places.registry().verification(reference.repository());
        Digest image = digests.getLast();
        switch (asked.mode()) {
            case OFF -> forget(reference);
            case ENFORCE -> enforce(asked, reference, digests, keyring);
            case WARN -> {
                try {
                    look(asked, reference, digests, keyring);
                    note(reference, new Verdict(image, ""));
                } catch (InterruptedIOException e) {
                    throw e;
                } catch (IOException e) {
                    note(reference, new Verdict(image, words(e)));
                    LOG.warnf("image is not verified image=%s reason=\"%s\"", reference, e.getMessage());
                }
            }
        }
    }

    private void enforce(Verification asked, Reference reference, List<Digest> digests, Keyring keyring)
            throws IOException {
        try {
            look(asked, reference, digests, keyring);
            note(reference, new Verdict(digests.getLast(), ""));
        } catch (UnverifiedImageException e) {
            note(reference, new Verdict(digests.getLast(), words(e)));
            throw e;
        }
    }

    private static String words(IOException failure) {
        String message = failure.getMessage();
        return message == null || message.isEmpty() ? failure.getClass().getSimpleName() : message;
    }

    private void look(Verification asked, Reference reference, List<Digest> digests, Keyring keyring)
            throws IOException {
        String line = line(asked, reference.repository(), digests.getLast());
        if (isRemembered(line)) {
            return;
        }
        Statements statements = new Statements(places, reference, keyring);
        if (!SignatureCheck.by(asked.publicKeyPem(), statements).isSigned(digests)) {
            throw new UnverifiedImageException("the image has no signature by the key of its registry");
        }
        remember(line);
    }

    private static String line(Verification asked, Repository repository, Digest image) {
        String key = Digest.sha256(asked.publicKeyPem().getBytes(StandardCharsets.UTF_8))
                .hex();
        return key + " " + image + " " + repository.host() + "/" + repository.path();
    }

    private boolean isRemembered(String line) {
        lock.lock();
        try {
            return signed.contains(line);
        } finally {
            lock.unlock();
        }
    }

    /// What cannot be written is looked for again after a start of the engine.
    private void remember(String line) {
        lock.lock();
        try {
            signed.add(line);
            while (signed.size() > MOST_REMEMBERED) {
                signed.removeFirst();
            }
            AtomicFile.write(file, (String.join("\n", signed) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warnf("signature not remembered file=%s reason=%s", file, e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private void note(Reference name, Verdict verdict) {
        lock.lock();
        try {
            verdicts.remove(name);
            verdicts.put(name, verdict);
            if (verdicts.size() > MOST_VERDICTS) {
                verdicts.remove(verdicts.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    private void forget(Reference name) {
        lock.lock();
        try {
            verdicts.remove(name);
        } finally {
            lock.unlock();
        }
    }
}
