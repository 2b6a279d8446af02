package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FormatNameTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int8 | int8 per channel",
        "int8-asymmetric | int8 per channel, asymmetric",
        "int4 | int4 per channel, scales of least error",
        "int4-block32 | int4 in blocks of 32, scales of least error",
        "palette4 | palette of 4 bits",
        "palette3-group16 | palette of 3 bits, a table for 16 channels",
        "palette4-vector2 | palette of 4 bits, vectors of 2",
        "palette6-group8-scaled-int8table | palette of 6 bits, a table for 8 channels, channels"
            + " scaled, tables in int8",
        "sparse50 | 50 % zeros, float16",
        "sparse50-block4 | 50 % zeros in blocks of 4, float16",
        "sparse2of4+int8 | 2 zeros of each 4, int8 per channel",
        "sparse75+palette4-group16 | 75 % zeros, palette of 4 bits, a table for 16 channels",
      })
  void name_readsAsItsFormat(String name, String text) {
    assertThat(FormatName.read(name).text()).isEqualTo(text);
  }

  @Test
  void examples_allRead() {
    assertThat(FormatName.examples()).allSatisfy(name -> FormatName.read(name).text());
  }

  @ParameterizedTest
  @CsvSource({"int5", "palette5", "sparse", "sparse4of2", "int8+sparse50", "sparse50+int7", "''"})
  void unknownName_isRefusedByName(String name) {
    assertThatThrownBy(() -> FormatName.read(name))
        .isInstanceOf(InputException.class)
        .hasMessage("format '" + name + "': is not known");
  }

  @Test
  void vectorsBetweenZeros_areRefused() {
    assertThatThrownBy(() -> FormatName.read("sparse50+palette4-vector2"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "format 'sparse50+palette4-vector2': there is no palette of 4 bits, vectors of 2"
                + " between zeros");
  }
}
