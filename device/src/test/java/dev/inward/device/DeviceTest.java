package dev.inward.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import org.junit.jupiter.api.Test;

final class DeviceTest {
  @Test
  void phone_isFoundInAnyCase() {
    for (String name : new String[] {"iPhone 13", "iphone 13", " IPHONE   13 "}) {
      var phone = (DeviceProfile) Device.named(name);
      assertThat(phone.name()).isEqualTo("iPhone 13");
      assertThat(phone.chip().name()).isEqualTo("A15 Bionic");
      assertThat(phone.chip().neuralFp16Tops()).hasValue(15.8);
      assertThat(phone.batteryWh()).isEqualTo(12.41);
    }
  }

  @Test
  void chip_isMeantInAnyCaseWithOrWithoutBionic() {
    assertThat(Chip.meant("a15").map(Chip::name)).contains("A15 Bionic");
    assertThat(Chip.meant(" A15  bionic ").map(Chip::name)).contains("A15 Bionic");
    assertThat(Chip.meant("m2").map(Chip::name)).contains("M2");
    assertThat(Chip.meant("A17")).isEmpty();
    assertThat(Chip.meant("iPhone 13")).isEmpty();
  }

  @Test
  void misspeltPhone_namesTheNearest() {
    assertThatThrownBy(() -> Device.named("iPhon 13 por"))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "unknown device 'iPhon 13 por'\n  hint: did you mean 'iPhone 13 Pro'?"));
  }

  @Test
  void unknownPhone_namesTheRange() {
    assertThatThrownBy(() -> Device.named("Nokia 3310"))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "unknown device 'Nokia 3310'\n  hint: known are iPhone 8 to iPhone 17 Pro"
                            + " Max, and 'this machine'"));
  }

  @Test
  void thisMachine_isADevice() {
    assertThat(Device.named("This Machine")).isEqualTo(new Device.Host());
  }

  @Test
  void a11_hasNoNeuralEngineThatAnAppReaches() {
    var phone = (DeviceProfile) Device.named("iPhone X");
    assertThat(phone.chip().neuralEngine()).isFalse();
    assertThat(phone.chip().neuralFp16Tops()).isEmpty();
  }

  @Test
  void int8Counts_areNotTakenForHalfPrecision() {
    Chip a17 = Chip.named("A17 Pro");
    assertThat(a17.neuralInt8Tops().orElseThrow())
        .isCloseTo(2 * a17.neuralFp16Tops().orElseThrow(), within(1e-9));
  }

  @Test
  void everyFact_hasASource() {
    assertThat(DeviceProfile.all())
        .hasSize(34)
        .allSatisfy(phone -> {
          assertThat(phone.source()).isNotBlank();
          assertThat(phone.chip().source()).isNotBlank();
          assertThat(phone.ramBytes()).isBetween(2e9, 13e9);
          assertThat(phone.batteryWh()).isBetween(5.0, 25.0);
        });
  }

  @Test
  void fleet_isOrderedOldestFirst() {
    assertThat(
            java.util.stream.Stream.of("iPhone 15 Pro", "iPhone SE 3", "iPhone 13", "iPhone 12")
                .map(Device::named)
                .map(DeviceProfile.class::cast)
                .sorted(DeviceProfile.OLDEST_FIRST)
                .map(DeviceProfile::name))
        .containsExactly("iPhone 12", "iPhone SE 3", "iPhone 13", "iPhone 15 Pro");
  }
}
