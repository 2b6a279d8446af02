import java.awt.Color;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/// Renders the lines of text of this example, half of them upside down.
///
/// ```sh
/// java Render.java <folder with fonts> ../sentence-encoder/sentences lines
/// ```
///
/// A line is a run of words of a sentence, in a font, a size, a colour and on a ground drawn with a
/// fixed seed, tilted by up to two degrees, cropped more or less closely, a little blurred and noisy.
/// What is on an image is known by construction: `0` is upright, `180` is turned. Every fourth family
/// of fonts is kept for the test, whose sentences are others as well. The same fonts on the same JDK
/// give the same files, byte for byte.
public final class Render {
  private static final int CALIBRATE = 256;
  private static final int TEST = 1000;
  private static final int LEVELS = 16;

  /// Fonts whose names start with the same word: "Lato", "Lato Thin".
  private record Family(String name, List<Font> fonts) {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      System.err.println("usage: java Render.java <fonts> <sentences> <folder to write to>");
      System.exit(2);
    }
    System.setProperty("java.awt.headless", "true");
    List<Family> families = families(Path.of(arguments[0]));
    var known = new ArrayList<Family>();
    for (int i = 0; i < families.size(); i++) {
      if (i % 4 != 3) {
        known.add(families.get(i));
      }
    }
    System.out.println(families.stream().map(Family::name).toList());
    Path sentences = Path.of(arguments[1]);
    Path out = Path.of(arguments[2]);
    lines(sentences.resolve("calibrate.txt"), known, CALIBRATE, 1, out.resolve("calibrate"));
    lines(sentences.resolve("test.txt"), families, TEST, 2, out.resolve("test"));
  }

  private static void lines(Path sentences, List<Family> families, int count, long seed, Path out)
      throws IOException {
    List<String> texts = Files.readAllLines(sentences);
    var random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      String sentence = texts.get((int) ((long) i * texts.size() / count));
      Family family = families.get(random.nextInt(families.size()));
      Font font = family.fonts().get(random.nextInt(family.fonts().size()));
      boolean turned = i % 2 == 1;
      BufferedImage image = line(words(sentence, random), font, turned, random);
      Path file = out.resolve(turned ? "180" : "0").resolve("%04d.png".formatted(i));
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
  }

  /// One to seven words that follow one another, more where they are under eight characters.
  private static String words(String sentence, SplittableRandom random) {
    String[] words = sentence.split(" ");
    int count = 1 + random.nextInt(7);
    int from = random.nextInt(Math.max(1, words.length - count + 1));
    int to = Math.min(words.length, from + count);
    String text = String.join(" ", Arrays.copyOfRange(words, from, to));
    while (text.length() < 8 && from > 0) {
      text = words[--from] + " " + text;
    }
    while (text.length() < 8 && to < words.length) {
      text += " " + words[to++];
    }
    return text;
  }

  private static BufferedImage line(
      String text, Font font, boolean turned, SplittableRandom random) {
    int height = 18 + random.nextInt(15);
    Font sized = font.deriveFont(height * (0.62f + 0.2f * (float) random.nextDouble()));
    var context = new FontRenderContext(null, true, true);
    var glyphs = sized.createGlyphVector(context, text);
    var box = glyphs.getVisualBounds();
    int margin = 2 + random.nextInt(7);
    int width = (int) Math.min(320, box.getWidth() + 2 * margin);
    double tilt = Math.toRadians(4 * random.nextDouble() - 2);

    // Coverage by ink, 0 to 255, drawn white on black.
    var ink = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = ink.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    var place = new AffineTransform();
    if (turned) {
      place.rotate(Math.PI, width / 2.0, height / 2.0);
    }
    place.rotate(tilt, width / 2.0, height / 2.0);
    double drift = (random.nextDouble() - 0.5) * 0.12 * height;
    place.translate(margin - box.getX(), height / 2.0 - box.getCenterY() + drift);
    graphics.fill(place.createTransformedShape(glyphs.getOutline()));
    graphics.dispose();
    return painted(ink, random);
  }

  /// Blurs, adds noise, and maps coverage to sixteen colours between the ground's and the ink's.
  private static BufferedImage painted(BufferedImage ink, SplittableRandom random) {
    int width = ink.getWidth();
    int height = ink.getHeight();
    double blur = Math.max(0, random.nextDouble() - 0.35) * 1.2;
    double noise = random.nextInt(3) == 0 ? 0.02 + 0.05 * random.nextDouble() : 0;
    double slope = random.nextInt(3) == 0 ? 0.3 * (random.nextDouble() - 0.5) : 0;
    int[] coverage = ink.getRaster().getSamples(0, 0, width, height, 0, (int[]) null);
    var model = colours(random);
    var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY, model);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sum = 0;
        double weights = 0;
        for (int dy = -1; dy <= 1; dy++) {
          for (int dx = -1; dx <= 1; dx++) {
            int ny = Math.clamp(y + dy, 0, height - 1);
            int nx = Math.clamp(x + dx, 0, width - 1);
            double weight = Math.pow(blur, Math.abs(dx) + Math.abs(dy));
            sum += weight * coverage[ny * width + nx];
            weights += weight;
          }
        }
        double level = sum / weights / 255 + slope * (x / (double) width - 0.5);
        if (noise > 0) {
          level += noise * (random.nextDouble() + random.nextDouble() - 1) * 2;
        }
        int step = (int) Math.round(Math.clamp(0.1 + 0.8 * level, 0, 1) * (LEVELS - 1));
        image.getRaster().setSample(x, y, 0, step);
      }
    }
    return image;
  }

  /// A ground and an ink that can be told apart, light on dark in one of five.
  private static IndexColorModel colours(SplittableRandom random) {
    double[] light = new double[3];
    double[] dark = new double[3];
    double high = 150 + random.nextInt(106);
    double low = random.nextInt((int) high - 80);
    double colour = random.nextInt(2) == 0 ? 0 : 60;
    for (int c = 0; c < 3; c++) {
      light[c] = Math.clamp(high + colour * (random.nextDouble() - 0.5), 0, 255);
      dark[c] = Math.clamp(low + colour * (random.nextDouble() - 0.5), 0, 255);
    }
    boolean inverted = random.nextInt(5) == 0;
    byte[][] table = new byte[3][LEVELS];
    for (int i = 0; i < LEVELS; i++) {
      double share = i / (LEVELS - 1.0);
      for (int c = 0; c < 3; c++) {
        double from = inverted ? dark[c] : light[c];
        double to = inverted ? light[c] : dark[c];
        table[c][i] = (byte) Math.round(from + (to - from) * share);
      }
    }
    return new IndexColorModel(4, LEVELS, table[0], table[1], table[2]);
  }

  private static List<Family> families(Path folder) throws IOException {
    List<File> files;
    try (var all = Files.walk(folder)) {
      files =
          all.filter(file -> file.toString().matches(".*\\.(ttf|otf)"))
              .filter(Files::isRegularFile)
              .sorted()
              .map(Path::toFile)
              .toList();
    }
    var byName = new TreeMap<String, List<Font>>();
    for (File file : files) {
      try {
        Font font = Font.createFont(Font.TRUETYPE_FONT, file);
        byName.computeIfAbsent(font.getFamily().split(" ")[0], _ -> new ArrayList<>()).add(font);
      } catch (FontFormatException e) {
        System.err.println("passed over " + file + ": " + e.getMessage());
      }
    }
    return byName.entrySet().stream().map(one -> new Family(one.getKey(), one.getValue())).toList();
  }
}
