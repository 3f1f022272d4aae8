/// Carries whole images in and out of this host as files.
///
/// Words: an *OCI layout* is a directory of blobs with an index, or a tar of one; a *docker-archive* is what `docker
/// save` writes; a *rootfs-tar* is one file system in a tar, without a word on how to run it.
///
/// In: paths of this host, present images. Out: present images, archives as streams.
///
/// Never: talks to registries, decides which images stay.
///
/// An archive is a stranger's: it is unpacked aside, no link leads out of it, and every blob is checked by its digest
/// before anybody sees it. It may have files, directories and links: devices and pipes are refused, and what
/// would be a whiteout in a layer is a plain name. The layers in it are read as those of registries are, devices
/// included, and so is a rootfs-tar, which is one layer. An image for another platform is not taken.
@NullMarked
package dev.slipway.engine.archive;

import org.jspecify.annotations.NullMarked;
