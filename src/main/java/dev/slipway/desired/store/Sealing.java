package dev.slipway.desired.store;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.disk.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Encrypts Secrets on their way to the disk, so that whoever gets hold of the database alone cannot read them.
///
/// The keys are in a file of their own, one a line in Base64, readable for its owner only; it is made when the first
/// Secret comes. The first line encrypts, the others are there to read what they once encrypted: to rotate, put a new
/// line on top and start the engine, which encrypts everything anew when it opens the store; then take the other lines
/// away.
///
/// ```
/// 01 | id of the key, 4 bytes | nonce, 12 bytes | AES-256-GCM of the JSON, bound to the object's key
/// ```
///
/// What begins otherwise is plain JSON. Used by one thread.
final class Sealing {
    private static final GroupResource SECRETS = GroupResource.core("secrets");
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final byte SEALED = 1;
    private static final int ID_BYTES = 4;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_BYTES = 32;
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final Path file;
    private final SecureRandom random = new SecureRandom();
    private List<Key> keys = List.of();

    /// @param file of the keys
    Sealing(Path file) {
        this.file = file;
    }

    private record Key(int id, SecretKeySpec secret) {
        static Key of(byte[] bytes) throws GeneralSecurityException {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Key(ByteBuffer.wrap(digest).getInt(), new SecretKeySpec(bytes, "AES"));
        }
    }

    /// Whether there has ever been a Secret.
    boolean hasKeys() {
        return Files.exists(file);
    }

    /// The keys; read, or made, when the first Secret asks for them.
    ///
    /// @throws IOException also when others can read the file, or it has no keys
    private List<Key> keys() throws IOException {
        if (keys.isEmpty()) {
            if (!Files.exists(file)) {
                makeKey();
            }
            Set<PosixFilePermission> open = Files.getPosixFilePermissions(file);
            open.retainAll(OF_OTHERS);
            if (!open.isEmpty()) {
                throw new IOException(
                        "read keys %s: others have access to the file; its mode must be 0600".formatted(file));
            }
            keys = read(file);
        }
        return keys;
    }

    private void makeKey() throws IOException {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        AtomicFile.write(file, (Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static List<Key> read(Path file) throws IOException {
        List<Key> keys = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                if (!line.isBlank()) {
                    byte[] bytes = Base64.getDecoder().decode(line.strip());
                    if (bytes.length != KEY_BYTES) {
                        throw new IOException("read keys %s: a key has %d bytes".formatted(file, bytes.length));
                    }
                    keys.add(Key.of(bytes));
                }
            }
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IOException("read keys %s: %s".formatted(file, e.getMessage()), e);
        }
        if (keys.isEmpty()) {
            throw new IOException("read keys %s: there is none".formatted(file));
        }
        return keys;
    }

    /// The bytes for the disk.
    byte[] seal(ObjectKey key, byte[] json) throws IOException {
        if (!isSecret(key)) {
            return json;
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        Key current = keys().getFirst();
        byte[] sealed = cipher(Cipher.ENCRYPT_MODE, current, nonce, key, json, 0);
        return ByteBuffer.allocate(1 + ID_BYTES + NONCE_BYTES + sealed.length)
                .put(SEALED)
                .putInt(current.id())
                .put(nonce)
                .put(sealed)
                .array();
    }

    /// The JSON in bytes from the disk.
    ///
    /// @throws IOException when the key is not in the file, or the bytes are damaged or another object's
    byte[] unseal(ObjectKey key, byte[] stored) throws IOException {
        if (!isSealed(stored)) {
            return stored;
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored, 1, stored.length - 1);
        int id = bytes.getInt();
        byte[] nonce = new byte[NONCE_BYTES];
        bytes.get(nonce);
        if (!Files.exists(file)) {
            throw new IOException("its key is missing: there is no " + file);
        }
        Key secret = keys().stream()
                .filter(each -> each.id() == id)
                .findFirst()
                .orElseThrow(() -> new IOException("its key is not in " + file));
        return cipher(Cipher.DECRYPT_MODE, secret, nonce, key, stored, bytes.position());
    }

    /// Whether the bytes on the disk are not as [#seal] would make them today.
    boolean isStale(ObjectKey key, byte[] stored) throws IOException {
        return isSecret(key)
                && !(isSealed(stored)
                        && ByteBuffer.wrap(stored).getInt(1)
                                == keys().getFirst().id());
    }

    private static boolean isSecret(ObjectKey key) {
        return key.resource().equals(SECRETS);
    }

    private static boolean isSealed(byte[] stored) {
        return stored.length > 1 + ID_BYTES + NONCE_BYTES && stored[0] == SEALED;
    }

    private static byte[] cipher(int mode, Key key, byte[] nonce, ObjectKey of, byte[] bytes, int offset)
            throws IOException {
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD((of.namespace() + "/" + of.name()).getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(bytes, offset, bytes.length - offset);
        } catch (GeneralSecurityException e) {
            throw new IOException("encryption: " + e.getMessage(), e);
        }
    }
}
