package dev.inward.device;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import java.util.ArrayList;
import java.util.List;

/// Where a model must run: a phone, whose costs are modelled, or the machine that this program runs
/// on, whose costs are measured.
public sealed interface Device permits DeviceProfile, Device.Host {
  /// What a budget file calls the machine at hand.
  String THIS_MACHINE = "this machine";

  /// As a budget file names it.
  String name();

  /// The machine that this program runs on.
  record Host() implements Device {
    @Override
    public String name() {
      return THIS_MACHINE;
    }
  }

  /// The device of that name; case and repeated blanks do not matter.
  ///
  /// @throws InputException where no device has the name, with the nearest that has
  static Device named(String name) {
    String wanted = name.strip().replaceAll("\\s+", " ");
    if (wanted.equalsIgnoreCase(THIS_MACHINE)) {
      return new Host();
    }
    for (DeviceProfile phone : DeviceProfile.all()) {
      if (phone.name().equalsIgnoreCase(wanted)) {
        return phone;
      }
    }
    throw InputException.of("unknown device '%s'", wanted)
        .hint(
            "%s",
            Spelling.nearest(wanted, names())
                .map(near -> "did you mean '" + near + "'?")
                .orElseGet(() ->
                    "known are %s to %s, and '%s'"
                        .formatted(
                            DeviceProfile.all().getFirst().name(),
                            DeviceProfile.all().getLast().name(),
                            THIS_MACHINE)));
  }

  /// Every name that [#named] knows.
  static List<String> names() {
    var names = new ArrayList<String>();
    DeviceProfile.all().forEach(phone -> names.add(phone.name()));
    names.add(THIS_MACHINE);
    return List.copyOf(names);
  }
}
