import java.awt.Color;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/// Renders the lines of text of this example, with a file `texts.txt` that says what is on each.
///
/// ```sh
/// java Render.java <folder with fonts> ../sentence-encoder/sentences lines
/// ```
///
/// A line is a run of words of a sentence, in a font and a size drawn with a fixed seed, tilted by up
/// to a degree, cropped more or less closely; some lines are faint, blurred, noisy or light on dark.
/// The same fonts on the same JDK give the same files, byte for byte.
public final class Render {
  private static final int CALIBRATE = 128;
  private static final int TEST = 400;
  private static final int LONGEST = 26;
  private static final int LEVELS = 16;

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      System.err.println("usage: java Render.java <fonts> <sentences> <folder to write to>");
      System.exit(2);
    }
    System.setProperty("java.awt.headless", "true");
    List<Font> fonts = fonts(Path.of(arguments[0]));
    System.out.println(fonts.stream().map(f -> f.getFontName()).toList());
    Path sentences = Path.of(arguments[1]);
    Path out = Path.of(arguments[2]);
    lines(sentences.resolve("calibrate.txt"), fonts, CALIBRATE, 1, out.resolve("calibrate"));
    lines(sentences.resolve("test.txt"), fonts, TEST, 2, out.resolve("test"));
  }

  private static void lines(Path sentences, List<Font> fonts, int count, long seed, Path out)
      throws IOException {
    List<String> sources = Files.readAllLines(sentences);
    var random = new SplittableRandom(seed);
    Files.createDirectories(out);
    var texts = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String text = words(sources.get((int) ((long) i * sources.size() / count)), random);
      Font font = fonts.get(random.nextInt(fonts.size()));
      String name = "%04d.png".formatted(i);
      ImageIO.write(line(text, font, random), "png", out.resolve(name).toFile());
      texts.append(name).append('\t').append(text).append('\n');
    }
    Files.writeString(out.resolve("texts.txt"), texts);
  }

  /// Words that follow one another, of at most [#LONGEST] characters in all.
  private static String words(String sentence, SplittableRandom random) {
    String[] words =
        Arrays.stream(sentence.replaceAll("[^ -~]", "").split(" +"))
            .filter(word -> !word.isEmpty() && word.length() <= LONGEST)
            .toArray(String[]::new);
    int from = random.nextInt(Math.max(1, words.length - 3));
    int wanted = 6 + random.nextInt(LONGEST - 5);
    String text = words[from];
    for (int i = from + 1; i < words.length; i++) {
      if (text.length() + 1 + words[i].length() > wanted) {
        break;
      }
      text += " " + words[i];
    }
    return text;
  }

  private static BufferedImage line(String text, Font font, SplittableRandom random) {
    int height = 20 + random.nextInt(29);
    Font sized = font.deriveFont(height * (0.62f + 0.2f * (float) random.nextDouble()));
    var context = new FontRenderContext(null, true, true);
    var glyphs = sized.createGlyphVector(context, text);
    var box = glyphs.getVisualBounds();
    int margin = 2 + random.nextInt(7);
    int width = (int) Math.ceil(box.getWidth()) + 2 * margin;
    double tilt = Math.toRadians(2 * random.nextDouble() - 1) * Math.min(1, 6.0 * height / width);

    // Coverage by ink, 0 to 255, drawn white on black.
    var ink = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = ink.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    var place = new AffineTransform();
    place.rotate(tilt, width / 2.0, height / 2.0);
    place.translate(margin - box.getX(), height / 2.0 - box.getCenterY());
    graphics.fill(place.createTransformedShape(glyphs.getOutline()));
    graphics.dispose();
    return painted(ink, random);
  }

  /// Blurs, adds noise, and maps coverage to levels of gray between the ground's and the ink's.
  private static BufferedImage painted(BufferedImage ink, SplittableRandom random) {
    int width = ink.getWidth();
    int height = ink.getHeight();
    double blur = Math.max(0, random.nextDouble() - 0.5) * 1.2;
    double noise = random.nextInt(3) == 0 ? 0.03 + 0.09 * random.nextDouble() : 0;
    double light = 170 + random.nextInt(86);
    double dark = random.nextInt((int) light - 60);
    boolean inverted = random.nextInt(5) == 0;
    int[] coverage = ink.getRaster().getSamples(0, 0, width, height, 0, (int[]) null);
    var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
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
        double level = sum / weights / 255;
        if (noise > 0) {
          level += noise * (random.nextDouble() + random.nextDouble() - 1) * 2;
        }
        double step = Math.rint(Math.clamp(level, 0, 1) * (LEVELS - 1)) / (LEVELS - 1);
        double gray = inverted ? dark + (light - dark) * step : light + (dark - light) * step;
        image.getRaster().setSample(x, y, 0, (int) Math.round(gray));
      }
    }
    return image;
  }

  private static List<Font> fonts(Path folder) throws IOException {
    List<File> files;
    try (var all = Files.walk(folder)) {
      files =
          all.filter(file -> file.toString().matches(".*\\.(ttf|otf)"))
              .filter(Files::isRegularFile)
              .sorted()
              .map(Path::toFile)
              .toList();
    }
    var fonts = new ArrayList<Font>();
    for (File file : files) {
      try {
        Font font = Font.createFont(Font.TRUETYPE_FONT, file);
        if (font.canDisplayUpTo("The quick brown fox, 0123456789; jumps!") < 0) {
          fonts.add(font);
        }
      } catch (FontFormatException e) {
        System.err.println("passed over " + file + ": " + e.getMessage());
      }
    }
    return fonts;
  }
}
