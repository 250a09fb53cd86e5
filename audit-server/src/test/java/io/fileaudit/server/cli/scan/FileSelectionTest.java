package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.server.cli.scan.FileProblem.Code;
import io.fileaudit.server.cli.scan.SelectedFile.Failed;
import io.fileaudit.server.cli.scan.SelectedFile.Regular;
import io.fileaudit.server.cli.scan.SelectedFile.Skipped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSelectionTest {

  private final Path base;

  FileSelectionTest(@TempDir Path base) {
    this.base = base;
  }

  @Test
  void namesFollowTheFormOfTheArgument() {
    files("data/a.csv", "data/sub/b.csv");

    assertThat(namesOf("data")).containsExactly("data/a.csv", "data/sub/b.csv");
    assertThat(namesOf("data/")).containsExactly("data/a.csv", "data/sub/b.csv");
    assertThat(namesOf("./data")).containsExactly("./data/a.csv", "./data/sub/b.csv");
    assertThat(namesOf("data/sub/.."))
        .containsExactly("data/sub/../a.csv", "data/sub/../sub/b.csv");
    assertThat(namesOf("data//sub/b.csv")).containsExactly("data/sub/b.csv");
    assertThat(namesOf(".")).containsExactly("./data/a.csv", "./data/sub/b.csv");
    assertThat(namesOf(base + "/data"))
        .containsExactly(base + "/data/a.csv", base + "/data/sub/b.csv");
  }

  @Test
  void pathsOpenTheFilesThatNamesName() {
    files("data/a.csv");

    assertThat(select("data"))
        .containsExactly(new Regular("data/a.csv", base.resolve("data/a.csv")));
  }

  @Test
  void processesOwnDirectoryIsTheDefault() {
    Path file = files("a.csv").resolve("a.csv");

    assertThat(FileSelection.of(List.of(file.toString())))
        .containsExactly(new Regular(file.toString(), file));
    assertThat(FileSelection.of(List.of("no such file")))
        .singleElement()
        .isInstanceOf(Failed.class);
  }

  @Test
  void eachDirectoryIsSortedByTheBytesOfItsNames() {
    Shell.run(
        base,
        "mkdir -p d/a && cd d && touch a.csv a/z B b Z 10 9 .hidden \"$(printf '\\303\\251')\""
            + " \"$(printf '\\360\\237\\230\\200')\" \"$(printf '\\357\\274\\241')\"");

    assertThat(namesOf("d"))
        .containsExactly(
            "d/.hidden",
            "d/10",
            "d/9",
            "d/B",
            "d/Z",
            "d/a/z",
            "d/a.csv",
            "d/b",
            "d/é",
            "d/Ａ",
            "d/😀");
  }

  @Test
  void argumentsKeepTheirOrder() {
    files("z.csv", "a/1", "m.csv");

    assertThat(namesOf("z.csv", "a", "m.csv")).containsExactly("z.csv", "a/1", "m.csv");
  }

  @Test
  void filesAreLookedAtWhenTheIteratorReachesThem() throws IOException {
    files("d/a", "d/b", "d/c");
    Iterator<SelectedFile> selected = FileSelection.of(base, List.of("d")).iterator();
    assertThat(selected.next().name()).isEqualTo("d/a");

    Files.delete(base.resolve("d/b"));

    assertThat(selected.next())
        .isEqualTo(new Failed("d/b", new FileProblem(Code.NOT_FOUND, "no such file")));
    assertThat(selected.next().name()).isEqualTo("d/c");
    assertThat(selected.hasNext()).isFalse();
    assertThatThrownBy(selected::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void directoryRemovedAfterItWasListedIsFailed() throws IOException {
    files("d/a", "d/sub/b");
    Iterator<SelectedFile> selected = FileSelection.of(base, List.of("d")).iterator();
    assertThat(selected.next().name()).isEqualTo("d/a");

    Files.delete(base.resolve("d/sub/b"));
    Files.delete(base.resolve("d/sub"));

    assertThat(selected.next())
        .isEqualTo(new Failed("d/sub", new FileProblem(Code.NOT_FOUND, "no such file")));
  }

  @Test
  void emptyDirectoryHasNoFiles() throws IOException {
    Files.createDirectories(base.resolve("d/sub"));

    assertThat(select("d")).isEmpty();
  }

  @Test
  void missingArgumentIsFailed() {
    assertThat(select("nothing.csv", "nothing.csv", "no/where", "./no/where"))
        .containsExactly(
            new Failed("nothing.csv", new FileProblem(Code.NOT_FOUND, "no such file")),
            new Failed("no/where", new FileProblem(Code.NOT_FOUND, "no such file")));
  }

  @Test
  void emptyArgumentIsRefused() {
    assertThatThrownBy(() -> FileSelection.of(base, List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void impossibleNameIsFailed() {
    assertThat(select("a\0b"))
        .singleElement()
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.problem().code()).isEqualTo(Code.NOT_FOUND);
              assertThat(failed.problem().message()).startsWith("no file can have this name");
            });
  }

  @Test
  void linkToAFileIsAFileUnderItsOwnName() throws IOException {
    files("d/a.csv", "elsewhere.csv");
    link("d/near", "a.csv");
    link("d/far", "../elsewhere.csv");
    link("d/twice", "near");

    assertThat(select("d", "d/near")).hasOnlyElementsOfType(Regular.class);
    assertThat(namesOf("d", "d/near")).containsExactly("d/a.csv", "d/far", "d/near", "d/twice");
  }

  @Test
  void danglingLinkIsFailedByItsName() throws IOException {
    files("d/a.csv");
    link("d/dangling", "gone/away.csv");

    Failed dangling =
        new Failed(
            "d/dangling",
            new FileProblem(Code.NOT_FOUND, "a link to gone/away.csv, where nothing is"));
    assertThat(select("d"))
        .containsExactly(new Regular("d/a.csv", base.resolve("d/a.csv")), dangling);
    assertThat(select("d/dangling", "d/dangling")).containsExactly(dangling);
  }

  @Test
  void linkToItselfIsFailed() throws IOException {
    Files.createDirectories(base.resolve("d"));
    link("d/loop", "loop");

    assertThat(select("d"))
        .singleElement()
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.name()).isEqualTo("d/loop");
              assertThat(failed.problem().code()).isEqualTo(Code.IO_ERROR);
              assertThat(failed.problem().message()).isNotBlank();
            });
  }

  @Test
  void linkToADirectoryIsSkippedInAWalkAndFollowedAsAnArgument() throws IOException {
    files("d/a.csv", "other/b.csv");
    link("d/up", "..");
    link("d/side", "../other");

    assertThat(select("d"))
        .containsExactly(
            new Regular("d/a.csv", base.resolve("d/a.csv")),
            new Skipped("d/side", linkToDirectory("../other")),
            new Skipped("d/up", linkToDirectory("..")));
    assertThat(namesOf("d/side")).containsExactly("d/side/b.csv");
  }

  @Test
  void specialFilesAreSkippedInAWalkAndFailedAsArguments() throws IOException {
    files("d/a.csv");
    Shell.pipe(base.resolve("d/pipe"));
    link("d/to-pipe", "pipe");
    FileProblem special =
        new FileProblem(Code.NOT_A_REGULAR_FILE, "a pipe, socket or device, not opened");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(base.resolve("d/socket")));

      assertThat(select("d"))
          .containsExactly(
              new Regular("d/a.csv", base.resolve("d/a.csv")),
              new Skipped("d/pipe", special),
              new Skipped("d/socket", special),
              new Skipped("d/to-pipe", special));
      assertThat(select("d/pipe", "d/socket", "/dev/null"))
          .containsExactly(
              new Failed("d/pipe", special),
              new Failed("d/socket", special),
              new Failed("/dev/null", special));
    }
  }

  @Test
  void directoryThatCannotBeListedIsFailedByItsName() {
    files("d/a.csv", "d/locked/b.csv", "d/z.csv");

    assertThat(selectWithLocked("d", "d/locked/b.csv"))
        .containsExactly(
            new Regular("d/a.csv", base.resolve("d/a.csv")),
            new Failed(
                "d/locked",
                new FileProblem(
                    Code.PERMISSION_DENIED, "the directory cannot be listed: permission denied")),
            new Regular("d/z.csv", base.resolve("d/z.csv")),
            new Regular("d/locked/b.csv", base.resolve("d/locked/b.csv")));
  }

  @Test
  void listingThatBreaksOffGivesWhatItFoundAndIsFailed() {
    files("d/a", "d/b", "d/c");
    FileSelection selection =
        new FileSelection(
            base, List.of("d"), directory -> new BreakingOff(Files.newDirectoryStream(directory)));

    List<SelectedFile> selected = new ArrayList<>();
    selection.forEach(selected::add);

    assertThat(selected).hasSize(3);
    assertThat(selected.get(0))
        .isEqualTo(
            new Failed(
                "d",
                new FileProblem(Code.IO_ERROR, "the directory cannot be listed: device gone")));
    assertThat(selected.subList(1, 3)).hasOnlyElementsOfType(Regular.class);
  }

  @Test
  void directoriesMayBeVeryDeep() {
    StringBuilder deep = new StringBuilder("d");
    for (int i = 0; i < 1500; i++) {
      deep.append("/x");
    }
    files(deep + "/a.csv");

    assertThat(namesOf("d")).containsExactly(deep + "/a.csv");
    // JUnit's own way of emptying the directory takes a minute for this depth.
    Shell.run(base, "rm -r d");
  }

  private static FileProblem linkToDirectory(String target) {
    return new FileProblem(
        Code.LINK_TO_DIRECTORY,
        "a link to the directory " + target + ", not followed; name it as an argument to scan it");
  }

  private List<SelectedFile> selectWithLocked(String... arguments) {
    List<SelectedFile> selected = new ArrayList<>();
    new FileSelection(
            base,
            List.of(arguments),
            directory -> {
              if (directory.endsWith("locked")) {
                throw new AccessDeniedException(directory.toString());
              }
              return Files.newDirectoryStream(directory);
            })
        .forEach(selected::add);
    return selected;
  }

  private Path files(String... names) {
    try {
      for (String name : names) {
        Path file = base.resolve(name);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
      }
      return base;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(base.resolve(name), Path.of(target));
  }

  private List<SelectedFile> select(String... arguments) {
    List<SelectedFile> selected = new ArrayList<>();
    FileSelection.of(base, List.of(arguments)).forEach(selected::add);
    return selected;
  }

  private List<String> namesOf(String... arguments) {
    return select(arguments).stream().map(SelectedFile::name).toList();
  }

  /** A listing that gives two names and then the error of a device. */
  private record BreakingOff(DirectoryStream<Path> whole) implements DirectoryStream<Path> {

    @Override
    public Iterator<Path> iterator() {
      Iterator<Path> entries = whole.iterator();
      return new Iterator<>() {
        private int given;

        @Override
        public boolean hasNext() {
          return true;
        }

        @Override
        public Path next() {
          if (given++ == 2) {
            throw new DirectoryIteratorException(new IOException("device gone"));
          }
          return entries.next();
        }
      };
    }

    @Override
    public void close() throws IOException {
      whole.close();
    }
  }
}
