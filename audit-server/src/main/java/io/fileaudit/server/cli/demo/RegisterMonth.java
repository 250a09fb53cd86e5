package io.fileaudit.server.cli.demo;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes files like those of the register of May 2024 with made-up companies: zips of one Latin-1
 * file each, fields in quotes with semicolons between them, without a header. The same each time.
 */
public final class RegisterMonth {
  /** For when they are. */
  public static final String PERIOD = "2024-05";

  private static final String[] FIRST = {
    "PADARIA", "CONSTRUÇÃO", "COMÉRCIO", "TRANSPORTES", "CONFECÇÕES", "AGROPECUÁRIA", "INFORMÁTICA"
  };
  private static final String[] SECOND = {
    "SÃO JOÃO", "BOA VISTA", "IRMÃOS ARAÚJO", "DO VALE", "PÃO QUENTE", "TRÊS LAGOAS", "CORAÇÃO"
  };

  private RegisterMonth() {}

  /**
   * Writes the zips of a table.
   *
   * @param scale how many times smaller than they really are
   */
  public static void write(Path directory, RegisterTable table, int scale) throws IOException {
    Files.createDirectories(directory);
    for (int file = 0; file < RegisterTable.FILES; file++) {
      write(directory, table, file, scale, "");
    }
  }

  /** Writes one of the zips again, with three rows more that cannot be stored. */
  public static void addBadRows(Path directory, RegisterTable table, int file, int scale)
      throws IOException {
    write(
        directory,
        table,
        file,
        scale,
        "\"00000001\";\"one field too few\"\n"
            + "\"00000002\";\"a character U+0000: \0\"\n"
            + ";".repeat(table.columns().size() - 1)
            + ";\"one too many\"\n");
  }

  /** Cuts one of the zips off in the middle, as a download that broke does. */
  public static void cut(Path directory, RegisterTable table, int file) throws IOException {
    try (RandomAccessFile zip =
        new RandomAccessFile(directory.resolve(table.zip(file)).toFile(), "rw")) {
      zip.setLength(zip.length() / 2);
    }
  }

  private static void write(Path directory, RegisterTable table, int file, int scale, String more)
      throws IOException {
    Random random = new Random(31L * table.ordinal() + file);
    Path path = directory.resolve(table.zip(file));
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path));
        Writer out = new BufferedWriter(new OutputStreamWriter(zip, StandardCharsets.ISO_8859_1))) {
      zip.putNextEntry(new ZipEntry(table.member(file)));
      StringBuilder row = new StringBuilder();
      for (long i = table.rows(file, scale); i > 0; i--) {
        row.setLength(0);
        for (String column : table.columns()) {
          row.append(row.isEmpty() ? "\"" : ";\"").append(field(column, random)).append('"');
        }
        out.append(row).append('\n');
      }
      out.write(more);
    }
  }

  private static String field(String column, Random random) {
    String kind = column.substring(0, Math.min(4, column.length()));
    return switch (kind) {
      case "cnpj" ->
          column.equals("cnpj_basico")
              ? digits(random, 8)
              : column.equals("cnpj_dv") ? digits(random, 2) : "0001";
      case "raza", "nome", "logr", "bair" ->
          FIRST[random.nextInt(FIRST.length)] + " " + SECOND[random.nextInt(SECOND.length)];
      case "capi" -> random.nextInt(1_000_000) + ",00";
      case "data" -> "20" + (10 + random.nextInt(14)) + "0" + (1 + random.nextInt(9)) + "15";
      case "cnae" -> digits(random, 7);
      case "docu" -> "***" + digits(random, 6) + "**";
      case "cep" -> digits(random, 8);
      case "uf" -> "SP";
      case "pais", "ente", "cida", "ddd_", "fax", "emai", "comp", "repr" -> "";
      default -> digits(random, 2);
    };
  }

  private static String digits(Random random, int count) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      digits.append((char) ('0' + random.nextInt(10)));
    }
    return digits.toString();
  }
}
