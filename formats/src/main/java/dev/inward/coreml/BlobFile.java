package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A weight file, mapped: blobs are slices of it.
final class BlobFile {
  private final String where;
  private final Storage bytes;

  private BlobFile(String where, Storage bytes) {
    this.where = where;
    this.bytes = bytes;
  }

  static BlobFile open(Path file, String where) throws IOException {
    Storage bytes = Storage.map(file);
    if (bytes.size() < Blobs.ALIGNMENT) {
      throw InputException.at(where, "is cut short: %d bytes, its header takes 64", bytes.size());
    }
    int version = bytes.bytes().get(Storage.INT, 4);
    if (version != Blobs.VERSION) {
      throw InputException.at(where, "has version %d of the weight file, expected 2", version);
    }
    return new BlobFile(where, bytes);
  }

  /// The packed data of the blob whose record is at `offset`.
  ///
  /// @throws InputException where no such blob of that type and number of elements is there
  Storage blob(long offset, MilType type, long elements) {
    long size = bytes.size();
    if (offset < Blobs.ALIGNMENT || offset % Blobs.ALIGNMENT != 0 || offset > size - 64) {
      throw InputException.at(
          where, "the record at offset %d is not inside the file of %d bytes", offset, size);
    }
    MemorySegment all = bytes.bytes();
    int sentinel = all.get(Storage.INT, offset);
    if (sentinel != Blobs.SENTINEL) {
      throw InputException.at(
          where,
          "no weight starts at offset %d: found %08x, expected %08x",
          offset,
          sentinel,
          Blobs.SENTINEL);
    }
    int code = all.get(Storage.INT, offset + 4);
    if (type.blobCode() == 0 || code != type.blobCode()) {
      throw InputException.at(
          where,
          "the weight at offset %d has type code %d, the model says %s (%d)",
          offset,
          code,
          type.text(),
          type.blobCode());
    }
    long length = all.get(Storage.LONG, offset + 8);
    long start = all.get(Storage.LONG, offset + 16);
    long expected = type.bytes(elements);
    if (length != expected) {
      throw InputException.at(
          where,
          "the weight at offset %d has %d bytes, %d elements of %s take %d",
          offset,
          length,
          elements,
          type.text(),
          expected);
    }
    if (start < 0 || start > size || length > size - start) {
      throw InputException.at(
          where,
          "the data of the weight at offset %d is cut short: %d bytes from %d, the file has %d",
          offset,
          length,
          start,
          size);
    }
    return bytes.slice(start, length);
  }
}
