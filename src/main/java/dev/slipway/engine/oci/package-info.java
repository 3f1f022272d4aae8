/// OCI vocabulary as values.
///
/// Words: a *digest* ([Digest]) names bytes by their hash; a *descriptor* ([Descriptor]) points at bytes by digest,
/// size
/// and media type; a *manifest* ([ImageManifest]) lists the config and the layers of one image; an *index*
/// ([ImageIndex]) lists manifests for several platforms; a *diffID* ([DiffId]) is the digest of a layer's archive
/// before
/// compression and a *chainID* ([ChainId]) that of a stack of them; a *reference* ([Reference]) is what people write.
///
/// In: bytes of documents, names that people wrote. Out: records that are valid because they exist.
///
/// Never: reads a file or a socket, decides where content comes from.
///
/// Documents come from strangers: they are read with limits ([ManifestCodec], [ImageConfigCodec]), a member that
/// appears
/// twice is refused, and so is a document that could be read as two kinds. Members that nobody here uses are ignored,
/// as
/// the specification asks. Docker's media types are accepted as the twins of OCI's.
@NullMarked
package dev.slipway.engine.oci;

import org.jspecify.annotations.NullMarked;
