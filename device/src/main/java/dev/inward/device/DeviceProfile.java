package dev.inward.device;

import dev.inward.base.Csv;
import java.util.Comparator;
import java.util.List;

/// Facts of a phone, from the printed source that [#source] names.
///
/// @param ramBytes of 2^30 bytes a "GB", as memory is sold
/// @param batteryWh energy of a full battery, watt hours
public record DeviceProfile(
    String name, int year, Chip chip, double ramBytes, double batteryWh, String source)
    implements Device {
  private static final List<DeviceProfile> ALL =
      Csv.read(DeviceProfile.class, "phones.csv").stream()
          .map(row ->
              new DeviceProfile(
                  row.text("name"),
                  (int) row.number("year"),
                  Chip.named(row.text("chip")),
                  row.number("ram_gb") * (1L << 30),
                  row.number("battery_wh"),
                  row.text("source")))
          .toList();

  /// Oldest chip first; among phones of one chip the one with less memory, the smaller battery,
  /// then by name. The first of a fleet is the one that has the hardest time.
  public static final Comparator<DeviceProfile> OLDEST_FIRST =
      Comparator.comparingInt((DeviceProfile phone) -> phone.chip().year())
          .thenComparingDouble(DeviceProfile::ramBytes)
          .thenComparingDouble(DeviceProfile::batteryWh)
          .thenComparing(DeviceProfile::name);

  /// Every phone known, by year of release.
  public static List<DeviceProfile> all() {
    return ALL;
  }
}
