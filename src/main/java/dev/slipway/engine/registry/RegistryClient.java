package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;
import static dev.slipway.engine.registry.RegistryException.Kind.UNAUTHORIZED;
import static dev.slipway.engine.registry.RegistryException.Kind.UNREACHABLE;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.DocumentLimits;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads from registries. Each question goes to the mirrors of the repository's host first, then to the host itself; at
/// each of them with every credential that fits, then with none, until one is answered.
///
/// Safe for use by many threads. Tokens are reused until they are stale.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/main/spec.md OCI Distribution Specification
public final class RegistryClient implements AutoCloseable {
    private static final String MANIFEST_TYPES = Stream.of(
                    MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.DOCKER_INDEX, MediaType.DOCKER_MANIFEST)
            .map(MediaType::value)
            .collect(Collectors.joining(", "));
    private static final int MOST_CONVERSATIONS = 1000;

    private final Transport transport;
    private final DocumentLimits limits;
    private final Map<Conversation.Key, Conversation> conversations = new ConcurrentHashMap<>();
    private volatile Supplier<RegistrySettings> settings;

    public RegistryClient(RegistrySettings settings) {
        this(settings, Patience.STANDARD);
    }

    public RegistryClient(RegistrySettings settings, Patience patience) {
        this(settings, patience, DocumentLimits.STANDARD);
    }

    public RegistryClient(RegistrySettings settings, Patience patience, DocumentLimits limits) {
        this.settings = () -> settings;
        this.limits = limits;
        this.transport = new Transport(patience);
    }

    /// How large a document may be that comes from a registry.
    public DocumentLimits limits() {
        return limits;
    }

    /// What the registry or mirror at `host` said last of what it gives to this host.
    public Optional<RateLimit> rateLimit(String host) {
        return transport.rateLimit(host);
    }

    /// From the next question on, goes by what `declared` says at that moment.
    public void use(Supplier<RegistrySettings> declared) {
        settings = declared;
    }

    /// Fetches the manifest or index that `reference` points at, and checks its digest.
    public ManifestDocument manifest(Reference reference, Keyring keyring) throws IOException {
        return manifest(Endpoint.of(reference.repository(), settings.get()), reference, keyring);
    }

    private ManifestDocument manifest(List<Endpoint> endpoints, Reference reference, Keyring keyring)
            throws IOException {
        Question question = Question.read(
                        reference.repository().path() + "/manifests/" + reference.target(),
                        "pull " + reference.familiar())
                .accepting(MANIFEST_TYPES);
        return ask(endpoints, reference.repository(), keyring, conversation -> {
            Conversation.Heard heard = conversation.hear(question);
            try (BodyReader body = heard.response().body()) {
                return document(reference, heard.response(), manifest(body), heard.guarded());
            }
        });
    }

    private byte[] manifest(BodyReader body) throws IOException {
        byte[] bytes = body.readNBytes(limits.manifestBytes() + 1);
        if (bytes.length > limits.manifestBytes()) {
            throw new MalformedDocumentException(
                    "manifest has more than the %d bytes that are allowed".formatted(limits.manifestBytes()));
        }
        return bytes;
    }

    /// As [#manifest], but from the registry itself.
    public ManifestDocument manifestPastMirrors(Reference reference, Keyring keyring) throws IOException {
        return manifest(itself(reference.repository()), reference, keyring);
    }

    /// The digest that `reference` points at now, without fetching the document where the registry tells it.
    public Digest resolve(Reference reference, Keyring keyring) throws IOException {
        return resolve(Endpoint.of(reference.repository(), settings.get()), reference, keyring);
    }

    private Digest resolve(List<Endpoint> endpoints, Reference reference, Keyring keyring) throws IOException {
        Question question = Question.head(
                        reference.repository().path() + "/manifests/" + reference.target(),
                        "resolve " + reference.familiar())
                .accepting(MANIFEST_TYPES);
        Optional<Digest> told = ask(endpoints, reference.repository(), keyring, conversation -> {
            HttpResponse<BodyReader> response = conversation.ask(question);
            response.body().close();
            return announced(response);
        });
        return told.isPresent()
                ? told.get()
                : manifest(endpoints, reference, keyring).descriptor().digest();
    }

    /// The bytes of a blob from `offsetBytes` on: exactly as many as `blob` says, or an [IOException] while
    /// reading. Checking the digest is the caller's.
    public InputStream blob(Repository repository, Descriptor blob, long offsetBytes, Keyring keyring)
            throws IOException {
        return open(
                blob,
                offsetBytes,
                blobQuestion(repository, blob),
                question -> ask(repository, keyring, conversation -> conversation.ask(question)));
    }

    /// As [#blob], but from the registry itself, for a blob that its mirrors do not give rightly.
    public InputStream blobPastMirrors(Repository repository, Descriptor blob, long offsetBytes, Keyring keyring)
            throws IOException {
        return open(
                blob,
                offsetBytes,
                blobQuestion(repository, blob),
                question -> askItself(repository, keyring, conversation -> conversation.ask(question)));
    }

    /// Sends one blob, unless the repository has it: mounted from another repository, or uploaded. Nothing is asked
    /// of mirrors.
    ///
    /// @param origin a repository of the same registry that may have it
    public BlobPush.Sent push(
            Repository repository,
            Descriptor blob,
            BlobPush.Source source,
            Optional<Repository> origin,
            Keyring keyring)
            throws IOException {
        BlobPush push = new BlobPush(repository, blob, source, origin, transport.patience());
        return askItself(repository, keyring, push::run);
    }

    /// Stores a manifest whose blobs are there, under the tag or the digest of `reference`.
    public void push(Reference reference, MediaType type, byte[] document, Keyring keyring) throws IOException {
        Question question = Question.write(
                        "PUT",
                        reference.repository().path() + "/manifests/" + reference.target(),
                        "push " + reference.familiar())
                .carrying(type.value(), Question.Body.of(document));
        askItself(reference.repository(), keyring, conversation -> {
            HttpResponse<BodyReader> response = conversation.ask(question);
            response.body().close();
            return announced(response);
        });
    }

    /// As [#resolve], but from the registry itself; empty if it does not know the name.
    public Optional<Digest> resolvePastMirrors(Reference reference, Keyring keyring) throws IOException {
        try {
            return Optional.of(resolve(itself(reference.repository()), reference, keyring));
        } catch (RegistryException e) {
            if (e.kind() == RegistryException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private List<Endpoint> itself(Repository repository) {
        return List.of(Endpoint.of(repository, settings.get()).getLast());
    }

    private <T> T askItself(Repository repository, Keyring keyring, Call<T> call) throws IOException {
        return ask(itself(repository), repository, keyring, call);
    }

    /// What is asked of the images of a repository.
    public Verification verification(Repository repository) {
        return settings.get().host(repository.host()).verification();
    }

    /// Manifests of the repository that are about `subject`, as their index tells. A registry that knows of no such
    /// index may have one under a tag that clients keep.
    ///
    /// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers OCI
    ///     Distribution Spec: Listing Referrers
    /// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema OCI
    ///     Distribution Spec: Referrers Tag Schema
    public List<Descriptor> referrers(Repository repository, Digest subject, Keyring keyring) throws IOException {
        List<Descriptor> all = new ArrayList<>();
        for (byte[] page : referrers(Endpoint.of(repository, settings.get()), repository, subject, keyring)) {
            if (ManifestCodec.parse(page, null) instanceof ImageIndex list) {
                all.addAll(list.manifests());
            }
        }
        return all;
    }

    /// As [#referrers], but from the registry itself, and as the pages of the index that it gives.
    public List<byte[]> referrersPastMirrors(Repository repository, Digest subject, Keyring keyring)
            throws IOException {
        return referrers(itself(repository), repository, subject, keyring);
    }

    private List<byte[]> referrers(List<Endpoint> endpoints, Repository repository, Digest subject, Keyring keyring)
            throws IOException {
        Listing listing = new Listing(
                repository.path() + "/referrers/" + subject, "manifests", "list what is about " + subject.shortHex());
        try {
            return ask(endpoints, repository, keyring, each -> listing.indexes(each, limits.manifestBytes()));
        } catch (RegistryException e) {
            if (e.kind() != RegistryException.Kind.NOT_FOUND) {
                throw e;
            }
        }
        String tag = subject.algorithm() + "-" + subject.hex().substring(0, 64);
        try {
            return List.of(manifest(endpoints, new Reference(repository, tag, null), keyring)
                    .bytes());
        } catch (RegistryException e) {
            if (e.kind() == RegistryException.Kind.NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    /// Whether [#blob] asks anybody else than the registry itself.
    public boolean hasMirrors(Repository repository) {
        return Endpoint.of(repository, settings.get()).size() > 1;
    }

    private static Question blobQuestion(Repository repository, Descriptor blob) {
        String words = "fetch blob " + blob.digest().shortHex() + " of " + repository.familiar();
        return Question.read(repository.path() + "/blobs/" + blob.digest(), words);
    }

    private InputStream open(Descriptor blob, long offsetBytes, Question question, BlobStream.Source source)
            throws IOException {
        BlobStream stream = new BlobStream(blob, question, source, transport.patience());
        stream.open(offsetBytes);
        return stream;
    }

    /// Finds out whether a registry, or one of its mirrors, answers; whom it lets in does not matter.
    ///
    /// @param host as in a reference
    public void probe(String host) throws IOException {
        Question question = Question.read("", "reach " + host);
        RegistryException failure = null;
        for (Endpoint endpoint : Endpoint.of(host, settings.get())) {
            try {
                transport
                        .send(endpoint, question, endpoint.uri(""), null)
                        .body()
                        .close();
                return;
            } catch (RegistryException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /// Every tag of a repository, in the registry's order.
    public List<String> tags(Repository repository, Keyring keyring) throws IOException {
        Listing listing = new Listing(repository.path() + "/tags/list?n=1000", "tags", "list tags of " + repository);
        return ask(repository, keyring, listing::read);
    }

    @Override
    public void close() {
        transport.close();
    }

    private interface Call<T> {
        T on(Conversation conversation) throws IOException;
    }

    private <T> T ask(Repository repository, Keyring keyring, Call<T> call) throws IOException {
        return ask(Endpoint.of(repository, settings.get()), repository, keyring, call);
    }

    /// Tries endpoints and credentials in order. What the registry itself said is thrown; what mirrors said is
    /// attached.
    private <T> T ask(List<Endpoint> endpoints, Repository repository, Keyring keyring, Call<T> call)
            throws IOException {
        List<RegistryException> refusals = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            Keyring keys = keyring.and(settings.get().keyring(endpoint));
            int first = refusals.size();
            for (Conversation conversation : conversations(endpoint, repository, keys)) {
                try {
                    return call.on(conversation);
                } catch (IOException e) {
                    RegistryException refusal = refusal(endpoint, repository, e);
                    // What the best credentials were told says more than what strangers are.
                    refusals.add(refusal.kind() == UNAUTHORIZED ? first : refusals.size(), refusal);
                    if (refusal.kind() != UNAUTHORIZED) {
                        break;
                    }
                }
            }
        }
        RegistryException last = refusals.removeLast();
        refusals.forEach(last::addSuppressed);
        throw last;
    }

    /// What is to be remembered of a failure, unless it ends the question at once.
    private static RegistryException refusal(Endpoint endpoint, Repository repository, IOException failure)
            throws IOException {
        return switch (failure) {
            case RegistryException refused -> refused;
            case InterruptedIOException interrupted -> throw interrupted;
            case MalformedDocumentException malformed -> {
                if (!endpoint.isMirror()) {
                    throw malformed;
                }
                yield new RegistryException(
                        PROTOCOL, Transport.origin(endpoint.base()) + ": " + malformed.getMessage(), null, malformed);
            }
            default ->
                new RegistryException(
                        UNREACHABLE,
                        "read " + repository.familiar() + " from " + Transport.origin(endpoint.base()) + ": "
                                + failure.getMessage(),
                        null,
                        failure);
        };
    }

    private List<Conversation> conversations(Endpoint endpoint, Repository repository, Keyring keyring) {
        List<@Nullable Credentials> candidates =
                new ArrayList<>(keyring.find(new Repository(endpoint.host(), endpoint.prefix() + repository.path())));
        candidates.add(null);
        if (conversations.size() > MOST_CONVERSATIONS) {
            conversations.clear();
        }
        List<Conversation> found = new ArrayList<>();
        for (Credentials credentials : candidates) {
            found.add(conversations.computeIfAbsent(
                    new Conversation.Key(endpoint, repository, credentials), key -> new Conversation(key, transport)));
        }
        return found;
    }

    private static ManifestDocument document(
            Reference reference, HttpResponse<?> response, byte[] bytes, boolean guarded) throws IOException {
        Digest found = digest(reference.pin().or(() -> announced(response)), bytes);
        MediaType declared = response.headers()
                .firstValue("Content-Type")
                .map(MediaType::new)
                .orElse(null);
        Digest wanted = reference.pin().or(() -> announced(response)).orElse(found);
        if (!wanted.equals(found)) {
            throw new RegistryException(
                    PROTOCOL,
                    "pull " + reference.familiar() + ": the manifest's digest is " + found + ", not " + wanted);
        }
        Manifest manifest = ManifestCodec.parse(bytes, declared);
        Descriptor descriptor = new Descriptor(manifest.mediaType(), found, bytes.length);
        return new ManifestDocument(descriptor, manifest, bytes, guarded);
    }

    /// The digest of `bytes` by the algorithm of `like`.
    private static Digest digest(Optional<Digest> like, byte[] bytes) {
        return like.map(digest -> digest.of(bytes)).orElseGet(() -> Digest.sha256(bytes));
    }

    private static Optional<Digest> announced(HttpResponse<?> response) {
        return response.headers().firstValue("Docker-Content-Digest").flatMap(Digest::parse);
    }
}
