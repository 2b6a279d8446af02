package dev.inward.data;

import dev.inward.base.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What all readers of files here share.
final class Reading {
  private Reading() {}

  /// Refuses what is no plain file.
  static void checkFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw InputException.at(file.toString(), "there is no such file");
    }
  }

  static InputException failed(String where, IOException e) {
    return InputException.at(where, "cannot be read: %s", String.valueOf(e.getMessage()));
  }

  /// The whole of a file.
  ///
  /// @throws InputException where it cannot be read or has more than `most` bytes
  static byte[] bytes(Path file, int most) {
    checkFile(file);
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw InputException.at(
            file.toString(), "has more than %d bytes, the most that is read", most);
      }
      return bytes;
    } catch (IOException e) {
      throw failed(file.toString(), e);
    }
  }

  /// @throws InputException where the bytes are not UTF-8
  static String decode(byte[] bytes, String where) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw InputException.at(where, "is not UTF-8");
    }
  }
}
