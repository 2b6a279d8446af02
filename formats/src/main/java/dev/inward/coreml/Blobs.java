package dev.inward.coreml;

import dev.inward.graph.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// The weight file while it is written: a header of 64 bytes, then for each blob a record of 64
/// bytes on a multiple of 64, and its data at once behind it. Little-endian.
final class Blobs implements AutoCloseable {
  static final int ALIGNMENT = 64;
  static final int VERSION = 2;
  static final int SENTINEL = 0xDEADBEEF;

  /// Bytes handed to the channel at a time.
  private static final long STEP = 1 << 20;

  private final FileChannel channel;
  private final MessageDigest digest = sha256();
  private int count;
  private long end = ALIGNMENT;

  Blobs(Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);
  }

  /// Appends the packed elements and gives the offset of their record, which is what the model file
  /// refers to.
  long add(MilType type, long elements, Storage data) throws IOException {
    long record = Math.ceilDiv(end, ALIGNMENT) * ALIGNMENT;
    long size = data.size();
    var head =
        ByteBuffer.allocate(ALIGNMENT)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(SENTINEL)
            .putInt(type.blobCode())
            .putLong(size)
            .putLong(record + ALIGNMENT)
            .putLong(size * 8 - elements * type.bits())
            .position(ALIGNMENT)
            .flip();
    digest.update(head.duplicate());
    put(head, record);
    MemorySegment bytes = data.bytes();
    // Two checksums stand for the data: they are many times faster than a digest of all of it.
    var first = new CRC32C();
    var second = new CRC32();
    for (long at = 0; at < size; at += STEP) {
      var part = bytes.asSlice(at, Math.min(STEP, size - at)).asByteBuffer();
      first.update(part.duplicate());
      second.update(part.duplicate());
      put(part, record + ALIGNMENT + at);
    }
    digest.update(
        ByteBuffer.allocate(16).putLong(first.getValue()).putLong(second.getValue()).flip());
    end = record + ALIGNMENT + size;
    count++;
    return record;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /// Bytes of the file.
  long size() {
    return end;
  }

  /// Follows from all records and data so far.
  byte[] fingerprint() {
    return digest.digest();
  }

  /// Writes the header and closes the file.
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      put(
          ByteBuffer.allocate(ALIGNMENT)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(count)
              .putInt(VERSION)
              .position(ALIGNMENT)
              .flip(),
          0);
      channel.close();
    }
  }

  private void put(ByteBuffer bytes, long at) throws IOException {
    long place = at;
    while (bytes.hasRemaining()) {
      place += channel.write(bytes, place);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
