package io.fileaudit.server.cli.earlier;

import java.util.ArrayList;
import java.util.List;

/** Collects remarks; not thread-safe. */
final class Remarks {
  private final List<Remark> found = new ArrayList<>();

  /** Of a row that is taken over all the same. */
  void of(EarlierRow row, String kind, String detail) {
    add(row, kind, true, detail);
  }

  /** Of a row that is left out. */
  void leftOut(EarlierRow row, String kind, String detail) {
    add(row, kind, false, detail);
  }

  private void add(EarlierRow row, String kind, boolean taken, String detail) {
    String name = "";
    for (Field field : List.of(Field.TABLE, Field.NAME, Field.PATH)) {
      String better = row.text(field);
      name = better == null ? name : better;
    }
    found.add(new Remark(row.level(), row.id(), name, kind, taken, detail));
  }

  void add(Remark remark) {
    found.add(remark);
  }

  List<Remark> all() {
    return List.copyOf(found);
  }
}
